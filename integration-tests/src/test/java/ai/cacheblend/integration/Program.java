package ai.cacheblend.integration;

import static com.google.common.base.Preconditions.checkState;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Runs a command of the worker or the orchestrator as a process of its own. */
final class Program {
  enum Main {
    WORKER("worker-gpu", "ai.cacheblend.worker.cli.WorkerMain"),
    ORCHESTRATOR("orchestrator", "ai.cacheblend.orchestrator.cli.OrchestratorMain");

    private final String module;
    private final String className;

    Main(String module, String className) {
      this.module = module;
      this.className = className;
    }

    /** The launcher's class path, of a checkout or of an unpacked distribution. */
    private String classPath() {
      Path archived = ROOT.resolve("lib");
      if (Files.isDirectory(archived)) {
        return archived.resolve(module) + "/*:" + archived + "/*";
      }
      Path target = ROOT.resolve(module).resolve("target");
      checkState(
          Files.isDirectory(target.resolve("lib")),
          "%s is not packaged; run ./mvnw verify",
          module);
      return target.resolve("classes") + ":" + target.resolve("lib") + "/*";
    }
  }

  /** Root of the checkout or the distribution. */
  static final Path ROOT = Path.of(System.getProperty("project.root"));

  /** Directory of ONNX Runtime's libraries, if not those in the jar. */
  private static final String NATIVE_PATH = "onnxruntime.native.path";

  /** Ends hung processes. */
  static final int LIMIT_SECONDS = 1800;

  record Outcome(int exitCode, String out, String err) {
    /** Lines on standard error, without the progress of a worker's start. */
    List<String> errorLines() {
      return err.lines().filter(line -> !line.isBlank() && !line.startsWith("start: ")).toList();
    }
  }

  private Program() {}

  /** The checkpoint of the embedded model. */
  static Path embeddedModel() {
    Path archived = ROOT.resolve("models/pocket");
    return Files.isDirectory(archived) ? archived : ROOT.resolve("worker-gpu/models/pocket");
  }

  /** Runs a command to completion. */
  static Outcome run(Main main, String... arguments) {
    try {
      Path out = Files.createTempFile("program", ".out");
      Path err = Files.createTempFile("program", ".err");
      Process process =
          builder(main, arguments).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
      boolean ended = process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
      process.destroyForcibly();
      checkState(ended, "%s did not end in %s s", String.join(" ", arguments), LIMIT_SECONDS);
      Outcome outcome =
          new Outcome(process.exitValue(), Files.readString(out), Files.readString(err));
      Files.delete(out);
      Files.delete(err);
      return outcome;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /**
   * Writes a script that starts a worker in the same way as the launcher; the value of {@code
   * CACHEBLEND_LAUNCHER}.
   *
   * @param first shell commands before the start of the worker
   */
  static Path launcher(Path folder, String first) throws IOException {
    String command =
        builder(Main.WORKER).command().stream()
            .map(word -> "'" + word + "'")
            .collect(Collectors.joining(" "));
    Path script = folder.resolve("launcher");
    Files.writeString(script, "#!/bin/sh\n" + first + "\nexec " + command + " \"$@\"\n");
    checkState(script.toFile().setExecutable(true));
    return script;
  }

  static ProcessBuilder builder(Main main, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    if (System.getProperty(NATIVE_PATH) != null) {
      command.add("-D" + NATIVE_PATH + "=" + System.getProperty(NATIVE_PATH));
    }
    // The launcher's options: short runs on few cores.
    command.addAll(
        List.of("-XX:TieredStopAtLevel=1", "-XX:CompileThresholdScaling=0.05", "-XX:+UseSerialGC"));
    command.add("-cp");
    command.add(main.classPath());
    command.add(main.className);
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command);
  }
}
