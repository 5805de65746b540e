package ai.cacheblend.worker.export;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.worker.export.CheckpointFixture.Tensor;
import ai.cacheblend.worker.model.Dtype;
import ai.cacheblend.worker.model.ModelManifest;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Checkpoints with the defects that users of several projects have reported. Each is exported as
 * the checkpoint without the defect, or refused in one line.
 */
final class ReportedDefectsTest {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  @TempDir Path folder;

  /** Changes the fixture before it is written, or the files after. */
  private interface Change {
    void apply(Checkpoint checkpoint) throws IOException;
  }

  /** A checkpoint of Llama that is written on first use of its files. */
  private static final class Checkpoint {
    final CheckpointFixture fixture = CheckpointFixture.llama();
    final Path path;
    int shards = 1;
    private boolean written;

    Checkpoint(Path path) {
      this.path = path;
    }

    Path files() throws IOException {
      if (!written) {
        written = true;
        fixture.write(path, shards);
      }
      return path;
    }
  }

  /**
   * A defect and what becomes of it.
   *
   * @param refusal parts of the message; empty: exported as without the defect
   * @param warning part of a warning; empty: none
   */
  private record Defect(
      String name, Change change, List<String> refusal, Optional<String> warning) {

    static Defect exported(String name, Change change) {
      return new Defect(name, change, List.of(), Optional.empty());
    }

    static Defect warned(String name, String warning, Change change) {
      return new Defect(name, change, List.of(), Optional.of(warning));
    }

    static Defect refused(String name, Change change, String... parts) {
      return new Defect(name, change, List.of(parts), Optional.empty());
    }
  }

  private static Change config(String fields) {
    return checkpoint -> {
      for (var field : MAPPER.readTree("{" + fields + "}").properties()) {
        checkpoint.fixture.config.set(field.getKey(), field.getValue());
      }
    };
  }

  private static Change without(String... fields) {
    return checkpoint -> checkpoint.fixture.config.remove(List.of(fields));
  }

  private static Change both(Change first, Change second) {
    return checkpoint -> {
      first.apply(checkpoint);
      second.apply(checkpoint);
    };
  }

  private static List<Defect> configs() {
    return List.of(
        Defect.exported("theta null", config("\"rope_theta\":null")),
        Defect.exported("no theta", without("rope_theta")),
        Defect.exported(
            "theta in rope_parameters",
            both(
                without("rope_theta"),
                config("\"rope_parameters\":{\"rope_theta\":1e4,\"rope_type\":\"default\"}"))),
        Defect.exported("no model_type", without("model_type")),
        Defect.exported("dtype", config("\"dtype\":\"bfloat16\",\"torch_dtype\":\"float16\"")),
        Defect.exported("scaling null", config("\"rope_scaling\":null")),
        Defect.exported("EOS ids in a list", config("\"eos_token_id\":[2]")),
        Defect.exported(
            "bookkeeping", config("\"transformers_version\":\"9\",\"_name_or_path\":7")),
        Defect.refused(
            "KV heads null",
            config("\"num_key_value_heads\":null"),
            "k_proj.weight has shape [8, 12], expected [16, 12]"),
        Defect.refused(
            "no hidden size",
            without("hidden_size"),
            "embed_tokens.weight has shape [32, 12], expected [32, 4096]"),
        Defect.refused(
            "hidden size null",
            config("\"hidden_size\":null"),
            "hidden_size is null, expected a whole number from 1 to"),
        Defect.refused(
            "renamed field", config("\"n_head\":4"), "n_head is 4, expected no such field"),
        Defect.refused(
            "number as text",
            config("\"num_hidden_layers\":\"3\""),
            "num_hidden_layers is \"3\", expected a whole number"),
        Defect.refused(
            "fields in text_config",
            config("\"text_config\":{\"hidden_size\":12,\"a\":[" + "1,".repeat(200) + "1]}"),
            "text_config is {\"hidden_size\":12,",
            "…, expected none: the fields of a text model stand at the top level"),
        Defect.refused(
            "both spellings of scaling",
            config("\"rope_scaling\":{\"type\":\"default\"},\"rope_parameters\":{}"),
            "rope_scaling is {\"type\":\"default\"}, expected none beside rope_parameters"),
        Defect.refused(
            "two thetas",
            config("\"rope_parameters\":{\"rope_theta\":5e5}"),
            "rope_theta is 10000.0, expected 500000.0 as in rope_parameters"),
        Defect.refused(
            "scaling by layer type",
            both(
                without("rope_theta"),
                config("\"rope_parameters\":{\"full_attention\":{\"rope_theta\":1e4}}")),
            "rope_parameters.full_attention is"),
        Defect.refused(
            "no architectures",
            without("architectures"),
            "architectures is absent, expected [\"MistralForCausalLM\"] or"),
        Defect.refused(
            "two architectures",
            config("\"architectures\":[\"LlamaForCausalLM\",\"LlamaModel\"]"),
            "architectures is [\"LlamaForCausalLM\",\"LlamaModel\"]"),
        Defect.refused(
            "experts",
            config("\"architectures\":[\"Qwen3MoeForCausalLM\"]"),
            "it has a mixture of experts"),
        Defect.refused(
            "linear attention",
            config("\"architectures\":[\"Qwen3NextForCausalLM\"]"),
            "it has layers with a recurrent state"),
        Defect.refused(
            "latent attention",
            config("\"architectures\":[\"DeepseekV3ForCausalLM\"]"),
            "it has multi-head latent attention"));
  }

  private static List<Defect> vocabularies() {
    return List.of(
        Defect.refused(
            "embedding resized, vocab_size not",
            checkpoint -> {
              checkpoint.fixture.add("model.embed_tokens.weight", 40, CheckpointFixture.HIDDEN);
              checkpoint.fixture.add("lm_head.weight", 40, CheckpointFixture.HIDDEN);
            },
            "embed_tokens.weight has shape [40, 12], expected [32, 12]"),
        Defect.exported("fewer tokens than vocab_size", checkpoint -> {}),
        Defect.warned(
            "added token beyond vocab_size",
            "tokens up to 32, but vocab_size is 32",
            checkpoint -> addToken(checkpoint.files(), 32)),
        Defect.refused(
            "EOS beyond vocab_size",
            config("\"eos_token_id\":32"),
            "eos_token_id is 32, expected less than vocab_size 32"));
  }

  /** A token behind as many others as the model has embeddings. */
  private static void addToken(Path folder, int id) throws IOException {
    Path file = folder.resolve("tokenizer.json");
    ObjectNode json = (ObjectNode) MAPPER.readTree(file.toFile());
    ObjectNode words = (ObjectNode) json.at("/model/vocab");
    for (int word = words.size(); word < id; word++) {
      words.put("w" + word, word);
    }
    ObjectNode token = ((ArrayNode) json.get("added_tokens")).addObject();
    token.put("id", id).put("content", "<image>").put("single_word", false).put("lstrip", false);
    token.put("rstrip", false).put("normalized", false).put("special", true);
    Files.writeString(file, json.toString());
  }

  private static List<Defect> files() {
    return List.of(
        Defect.exported("tensors in another order", ReportedDefectsTest::reverse),
        Defect.exported("tensors that are not aligned", ReportedDefectsTest::shiftByOne),
        Defect.refused(
            "tensor listed twice",
            checkpoint -> header(checkpoint, text -> text.replace("model.norm", "lm_head")),
            "model.safetensors is corrupt",
            "Duplicate field 'lm_head.weight'"),
        Defect.refused(
            "overlapping tensors",
            checkpoint -> header(checkpoint, text -> text.replace("[1536,1584]", "[1528,1576]")),
            "model.safetensors is corrupt",
            "overlaps"),
        Defect.refused(
            "index without a shard",
            checkpoint -> {
              checkpoint.shards = 2;
              Files.delete(checkpoint.files().resolve("model-00001-of-00002.safetensors"));
            },
            "model-00001-of-00002.safetensors is missing",
            "lists tensor"),
        Defect.refused(
            "index that lists a tensor in another shard",
            checkpoint -> {
              checkpoint.shards = 2;
              Path index = checkpoint.files().resolve("model.safetensors.index.json");
              Files.writeString(index, Files.readString(index).replace("-00001-of", "-00002-of"));
            },
            "model-00002-of-00002.safetensors has no tensor"),
        Defect.refused(
            "index without a tensor",
            checkpoint -> {
              checkpoint.shards = 2;
              Path index = checkpoint.files().resolve("model.safetensors.index.json");
              ObjectNode json = (ObjectNode) MAPPER.readTree(index.toFile());
              ((ObjectNode) json.get("weight_map")).remove("model.norm.weight");
              Files.writeString(index, json.toString());
            },
            "missing a tensor: model.norm.weight, expected with shape [12]"),
        Defect.refused(
            "unknown tensor",
            checkpoint -> checkpoint.fixture.add("model.layers.3.mlp.gate.weight", 8, 12),
            "tensor model.layers.3.mlp.gate.weight [8, 12] is not part of the architecture"));
  }

  private static List<Defect> tiedHeads() {
    return List.of(
        Defect.warned(
            "tied by the config, with another head",
            "tie_word_embeddings is true, but lm_head.weight differs from the embedding",
            config("\"tie_word_embeddings\":true")),
        Defect.refused(
            "untied by the config, without a head",
            checkpoint -> checkpoint.fixture.tensors.remove("lm_head.weight"),
            "missing a tensor: lm_head.weight"));
  }

  private interface HeaderChange {
    String apply(String header);
  }

  private static void header(Checkpoint checkpoint, HeaderChange change) throws IOException {
    Path file = checkpoint.files().resolve("model.safetensors");
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int length = (int) bytes.getLong();
    byte[] all = bytes.array();
    String header = new String(all, 8, length, UTF_8);
    String changed = change.apply(header);
    assertThat(changed).isNotEqualTo(header);
    Files.write(
        file,
        CheckpointFixture.safetensors(changed, Arrays.copyOfRange(all, 8 + length, all.length)));
  }

  private static void reverse(Checkpoint checkpoint) {
    List<String> names = new ArrayList<>(checkpoint.fixture.tensors.keySet());
    for (int i = names.size() - 1; i >= 0; i--) {
      Tensor tensor = checkpoint.fixture.tensors.remove(names.get(i));
      checkpoint.fixture.tensors.put(names.get(i), tensor);
    }
  }

  /** A blank more or less in the header moves every tensor by one byte. */
  private static void shiftByOne(Checkpoint checkpoint) throws IOException {
    header(checkpoint, text -> text + " ");
  }

  @TestFactory
  Stream<DynamicTest> eachIsRightOrRefused() {
    return Stream.of(configs(), vocabularies(), files(), tiedHeads())
        .flatMap(List::stream)
        .map(defect -> DynamicTest.dynamicTest(defect.name(), () -> check(defect)));
  }

  private void check(Defect defect) throws IOException {
    Path place = Files.createTempDirectory(folder, "defect");
    ExportFixture model = new ExportFixture(place);
    Checkpoint checkpoint = new Checkpoint(model.checkpoint);
    defect.change().apply(checkpoint);
    checkpoint.files();
    if (!defect.refusal().isEmpty()) {
      model.refused(model.request(Dtype.FP32), defect.refusal().toArray(String[]::new));
      return;
    }
    List<String> warnings = new ArrayList<>();
    ModelManifest exported = model.exportWith(warnings);
    if (defect.warning().isPresent()) {
      assertThat(warnings).hasSize(1).first().asString().contains(defect.warning().get());
    } else {
      assertThat(warnings).isEmpty();
    }
    assertThat(exported.fingerprint()).isEqualTo(plainFingerprint(place));
  }

  private static String plainFingerprint(Path place) throws IOException {
    ExportFixture plain = new ExportFixture(Files.createDirectory(place.resolve("plain")));
    new Checkpoint(plain.checkpoint).files();
    return plain.export(plain.request(Dtype.FP32)).fingerprint();
  }
}
