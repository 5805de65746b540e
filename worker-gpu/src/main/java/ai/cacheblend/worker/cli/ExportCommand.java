package ai.cacheblend.worker.cli;

import ai.cacheblend.hub.ModelFiles;
import ai.cacheblend.worker.export.ExportRequest;
import ai.cacheblend.worker.export.Exporter;
import ai.cacheblend.worker.model.Dtype;
import ai.cacheblend.worker.model.ModelManifest;
import com.google.common.base.Ticker;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code export}: prints the model folder on stdout, progress on stderr. */
@Command(
    name = "export",
    customSynopsis = "cacheblend export --checkpoint DIR|FILE|NAME --out DIR [OPTION]...",
    description = {
      "Exports a Hugging Face checkpoint as a model folder: ONNX graph, weights and tokenizer.",
      "",
      "Reads Mistral, Ministral, Llama, Qwen2, Qwen3, Phi-3, Gemma 2 and Gemma 3 (text) in"
          + " safetensors (F32, F16, BF16, F64) with a tokenizer.json, or a tokenizer.model of type"
          + " BPE. Rope types: default, linear, dynamic, llama3, yarn, longrope.",
      "",
      "Reads safetensors quantised by gptq (4 and 8 bits), awq (4 bits), fp8, fbgemm_fp8 and"
          + " compressed-tensors (FP8, and packed integers of 4 and 8 bits).",
      "",
      "Reads llama, qwen2, qwen3, phi3, gemma2 and gemma3 in GGUF files. Weights are"
          + " dequantised: F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K to Q6_K, IQ1_S,"
          + " IQ1_M, IQ2_XXS, IQ2_XS, IQ2_S, IQ3_XXS, IQ3_S, IQ4_NL, IQ4_XS. The tokenizer is"
          + " converted unless a tokenizer.json stands in the same directory and --checkpoint names"
          + " the directory.",
      ""
    },
    sortOptions = false,
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Exit status:",
      "   0   done",
      "   1   failed",
      "   2   bad usage",
      "",
      "Examples:",
      "  cacheblend export --checkpoint Qwen/Qwen2.5-0.5B-Instruct --out qwen",
      "  cacheblend export --checkpoint mistralai/Mistral-7B-Instruct-v0.2 \\",
      "      --dtype bf16 --out mistral",
      "  cacheblend export --checkpoint tinyllama.Q4_K_M.gguf --out tinyllama"
    })
final class ExportCommand implements Callable<Integer> {

  @Option(
      names = "--checkpoint",
      required = true,
      paramLabel = "DIR|FILE|NAME",
      description =
          "Directory, .gguf file, or Hugging Face model name; it is downloaded to the local cache"
              + " (HF_HOME) if that lacks it.")
  private String checkpoint;

  @Option(
      names = "--adapter",
      paramLabel = "DIR",
      description =
          "LoRA adapter of PEFT (adapter_config.json and adapter_model.safetensors), merged into"
              + " the weights.")
  private Optional<Path> adapter = Optional.empty();

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Model folder to create; must not exist, or be empty.")
  private Path out;

  @Option(
      names = "--dtype",
      defaultValue = "fp32",
      paramLabel = "fp32|fp16|bf16",
      converter = DtypeConverter.class,
      description =
          "Data type of weights and compute. A CPU worker needs fp32 (default: ${DEFAULT-VALUE}).")
  private Dtype dtype;

  @Option(
      names = "--check-layers",
      defaultValue = "1",
      split = ",",
      paramLabel = "LAYER",
      description =
          "Layers that can compare fresh and stored KV, ascending, for example 1 or 1,4,8 (default:"
              + " ${DEFAULT-VALUE}).")
  private List<Integer> checkLayers;

  @Option(
      names = "--random-weights",
      description = "Draw random weights; only config.json is read. For timing.")
  private boolean randomWeights;

  @Option(
      names = "--seed",
      defaultValue = "0",
      paramLabel = "N",
      description = "Seed of --random-weights (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--ignore-config-field",
      paramLabel = "FIELD",
      description =
          "Accept an unknown field of config.json, which must not change what the model computes."
              + " May be repeated.")
  private Set<String> ignoredConfigFields = Set.of();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter log = spec.commandLine().getErr();
    try {
      ModelManifest manifest =
          new Exporter(new ExportLines(log::println, Ticker.systemTicker())).export(request());
      log.printf(
          "exported %s as %s, fingerprint %s%n",
          LogEscape.escape(manifest.name()),
          manifest.dtypes().compute().id(),
          manifest.fingerprint());
      spec.commandLine().getOut().println(out);
      return spec.exitCodeOnSuccess();
    } catch (IOException e) {
      log.println(spec.qualifiedName() + ": " + LogEscape.escape(oneLine(e)));
      return spec.exitCodeOnExecutionException();
    }
  }

  private ExportRequest request() throws IOException {
    Path folder =
        CheckpointLocator.ofProcess(System.err)
            .locate(checkpoint, randomWeights ? ModelFiles.WITHOUT_WEIGHTS : ModelFiles.ALL);
    try {
      return new ExportRequest(
          folder,
          CheckpointLocator.nameOf(checkpoint),
          out,
          dtype,
          checkLayers,
          randomWeights ? OptionalLong.of(seed) : OptionalLong.empty(),
          adapter,
          ignoredConfigFields);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  /** Messages of java.nio are bare paths; the class name states the problem. */
  private static String oneLine(IOException e) {
    String message = String.valueOf(e.getMessage());
    return e instanceof FileSystemException
        ? e.getClass().getSimpleName() + ": " + message
        : message;
  }

  private static final class DtypeConverter implements ITypeConverter<Dtype> {

    @Override
    public Dtype convert(String value) {
      try {
        return Dtype.ofId(value);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}
