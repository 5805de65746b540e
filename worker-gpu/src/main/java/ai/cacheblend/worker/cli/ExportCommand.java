package ai.cacheblend.worker.cli;

import ai.cacheblend.hub.ModelFiles;
import ai.cacheblend.worker.export.ExportRequest;
import ai.cacheblend.worker.export.Exporter;
import ai.cacheblend.worker.model.Dtype;
import ai.cacheblend.worker.model.ModelManifest;
import com.google.common.base.Ticker;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
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
    description = "Exports a Hugging Face checkpoint as a model folder.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
final class ExportCommand implements Callable<Integer> {

  @Option(
      names = "--checkpoint",
      required = true,
      paramLabel = "DIR|NAME",
      description =
          "Directory, or Hugging Face model name; it is downloaded to the local cache (HF_HOME) if"
              + " that lacks it.")
  private String checkpoint;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Model folder to create; must not exist, or be empty.")
  private Path out;

  @Option(
      names = "--dtype",
      defaultValue = "fp32",
      paramLabel = "DTYPE",
      converter = DtypeConverter.class,
      description = "Weights and compute: fp32 (CPU, CUDA), fp16 or bf16 (CUDA).")
  private Dtype dtype;

  @Option(
      names = "--check-layers",
      defaultValue = "1",
      split = ",",
      paramLabel = "LAYER",
      description = "Check layers, ascending, for example 1 or 1,4,8.")
  private List<Integer> checkLayers;

  @Option(
      names = "--random-weights",
      description = "Draw random weights; only config.json is read. For timing.")
  private boolean randomWeights;

  @Option(names = "--seed", defaultValue = "0", description = "Seed of --random-weights.")
  private long seed;

  @Option(
      names = "--ignore-config-field",
      paramLabel = "FIELD",
      description =
          "Accept an unknown field of config.json. It must not change what the model computes.")
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
      log.println("export: " + LogEscape.escape(oneLine(e)));
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
          ignoredConfigFields);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  /** Messages of java.nio are bare paths; the class name states the problem. */
  private static String oneLine(IOException e) {
    String message = String.valueOf(e.getMessage());
    return e.getClass().getName().startsWith("java.")
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
