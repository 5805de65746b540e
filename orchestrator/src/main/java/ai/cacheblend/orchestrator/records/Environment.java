package ai.cacheblend.orchestrator.records;

import ai.cacheblend.host.Build;
import ai.cacheblend.orchestrator.client.WorkerDescription;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Hardware and software of a run.
 *
 * @param startedAt start of the session
 * @param build of this program
 * @param commandLine arguments of the command
 * @param cpuGovernor frequency scaling governor; empty if the system has none
 * @param datasetSha256 of the data file, or of the text that prompts are cut from
 */
public record Environment(
    Instant startedAt,
    Build build,
    List<String> commandLine,
    String java,
    List<String> jvmArguments,
    String os,
    String kernel,
    String cpu,
    int cpuCount,
    Optional<String> cpuGovernor,
    String datasetSha256,
    List<WorkerInfo> workers) {
  public Environment {
    commandLine = List.copyOf(commandLine);
    jvmArguments = List.copyOf(jvmArguments);
    workers = List.copyOf(workers);
  }

  ObjectNode toJson() {
    ObjectNode json = Json.object();
    json.put("started_at", startedAt.toString());
    json.put("orchestrator_version", build.version());
    json.set("git", git(build));
    json.put("code_sha256", build.codeSha256());
    json.set("command_line", Json.strings(commandLine));
    json.put("java", java);
    json.set("jvm_arguments", Json.strings(jvmArguments));
    json.put("os", os);
    json.put("kernel", kernel);
    json.put("cpu", cpu);
    json.put("cpu_count", cpuCount);
    json.put("cpu_governor", cpuGovernor.orElse(null));
    json.put("dataset_sha256", datasetSha256);
    var array = json.putArray("workers");
    for (WorkerInfo worker : workers) {
      array.add(describe(worker.address(), worker.description()));
    }
    return json;
  }

  /** Null if the program was not built from a checkout. */
  private static JsonNode git(Build build) {
    return build
        .commit()
        .<JsonNode>map(commit -> Json.object().put("commit", commit).put("dirty", build.dirty()))
        .orElse(NullNode.getInstance());
  }

  private static ObjectNode describe(String address, WorkerDescription worker) {
    ObjectNode json = Json.object();
    json.put("address", address);
    json.put("version", worker.versions().worker().version());
    json.set("git", git(worker.versions().worker()));
    json.put("code_sha256", worker.versions().worker().codeSha256());
    json.put("native_library_sha256", worker.versions().nativeLibrarySha256());
    json.put("cuda_kernels", worker.versions().hasCudaKernels());
    json.put("onnxruntime", worker.versions().onnxruntime());
    json.put("java", worker.versions().java());
    json.put("device", worker.device().kind());
    json.put("device_name", worker.device().name());
    json.put("thread_count", worker.device().threadCount());
    json.put("instruction_set", worker.device().instructionSet());
    json.set("device_facts", Json.tree(worker.device().facts()));
    json.put("max_sequence_token_count", worker.limits().maxSequenceTokenCount());
    json.put("queue_capacity", worker.limits().queueCapacity());
    json.put("kv_memory_byte_count", worker.memory().kvByteCount());
    json.put("chunk_memory_byte_count", worker.memory().chunkByteCount());
    if (!worker.memory().tierKv().isEmpty()) {
      json.put("tier_kv", worker.memory().tierKv());
    }
    json.set("launch_options", Json.strings(worker.launch().options()));
    json.set("jvm_arguments", Json.strings(worker.launch().jvmArguments()));
    json.set("model", describe(worker.model()));
    return json;
  }

  private static ObjectNode describe(WorkerDescription.Model model) {
    ObjectNode json = Json.object();
    json.put("name", model.name());
    json.put("architecture", model.architecture());
    json.put("revision", model.revision().isEmpty() ? null : model.revision());
    json.put("directory", model.directory());
    json.put("fingerprint", model.fingerprint());
    json.put("dtype", model.dtype());
    json.put("layer_count", model.layerCount());
    json.put("hidden_size", model.hiddenSize());
    json.put("intermediate_size", model.intermediateSize());
    json.put("query_head_count", model.queryHeadCount());
    json.put("kv_head_count", model.kvHeadCount());
    json.put("head_size", model.headSize());
    json.put("vocabulary_size", model.vocabularySize());
    json.put("max_position_count", model.maxPositionCount());
    json.put("sliding_window_tokens", model.slidingWindowTokens());
    json.set("check_layers", Json.ints(model.checkLayers()));
    json.put(
        "bos_token_id",
        model.bosTokenId().isPresent() ? (Integer) model.bosTokenId().getAsInt() : null);
    json.set("eos_token_ids", Json.ints(model.eosTokenIds()));
    json.put("tokenizer_sha256", model.tokenizerSha256());
    json.put("kv_bytes_per_token", model.kvBytesPerToken());
    return json;
  }
}
