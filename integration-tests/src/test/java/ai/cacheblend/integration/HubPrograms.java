package ai.cacheblend.integration;

import static com.google.common.base.Preconditions.checkState;

import ai.cacheblend.hub.mock.MockFile;
import ai.cacheblend.hub.mock.MockHub;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs commands with all caches in one folder and the mock Hub as endpoint. */
final class HubPrograms {

  private final Path folder;
  private final Path launcher;
  private final MockHub hub;

  HubPrograms(Path folder, MockHub hub) throws IOException {
    this.folder = folder;
    this.launcher = Program.launcher(folder, "");
    this.hub = hub;
  }

  /** The files of a checkpoint that a worker needs; the weights are in LFS. */
  static List<MockFile> checkpoint(Path checkpoint) throws IOException {
    List<MockFile> files = new ArrayList<>();
    for (String name :
        List.of(
            "config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json")) {
      files.add(MockFile.git(name, Files.readAllBytes(checkpoint.resolve(name))));
    }
    String weights = "model.safetensors";
    files.add(MockFile.lfs(weights, Files.readAllBytes(checkpoint.resolve(weights))));
    return files;
  }

  /** {@code HF_HUB_CACHE}. */
  Path hubCache() {
    return folder.resolve("hf/hub");
  }

  /** Model folders that workers exported. */
  Path exports() {
    return folder.resolve("cache/cacheblend/models");
  }

  ProcessBuilder builder(Program.Main main, String... arguments) {
    ProcessBuilder builder = Program.builder(main, arguments);
    Map<String, String> environment = builder.environment();
    environment.keySet().removeIf(HubPrograms::concernsTheNetwork);
    environment.put("HF_HOME", folder.resolve("hf").toString());
    environment.put("XDG_CACHE_HOME", folder.resolve("cache").toString());
    environment.put("HF_ENDPOINT", hub.endpoint());
    environment.put("CACHEBLEND_LAUNCHER", launcher.toString());
    return builder;
  }

  private static boolean concernsTheNetwork(String variable) {
    String name = variable.toUpperCase(Locale.ROOT);
    return name.startsWith("HF_") || name.endsWith("_PROXY") || name.endsWith("_OFFLINE");
  }

  /** Runs a command to completion. */
  Program.Outcome run(Program.Main main, String... arguments) {
    try {
      Path out = Files.createTempFile(folder, "program", ".out");
      Path err = Files.createTempFile(folder, "program", ".err");
      Process process =
          builder(main, arguments).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
      checkState(process.waitFor(Program.LIMIT_SECONDS, TimeUnit.SECONDS), "it does not end");
      return new Program.Outcome(process.exitValue(), Files.readString(out), Files.readString(err));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
