package ai.cacheblend.worker.export;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.worker.cli.WorkerMain;
import ai.cacheblend.worker.model.ModelManifest;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Exports in fp16 in a process of its own with 32 MB of heap. */
public final class SmallHeapExport {

  private SmallHeapExport() {}

  /** The manifest of the exported model, after a successful exit. */
  public static ModelManifest run(Path checkpoint, Path folder)
      throws IOException, InterruptedException {
    Path out = folder.resolve("model");
    Path log = folder.resolve("log");
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx32m",
                    "-XX:MaxDirectMemorySize=8m",
                    "-cp",
                    System.getProperty("java.class.path"),
                    WorkerMain.class.getName(),
                    "export",
                    "--checkpoint",
                    checkpoint.toString(),
                    "--out",
                    out.toString(),
                    "--dtype",
                    "fp16"))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(log)).isZero();
    return ModelManifest.read(out);
  }

  /** Appends zeros, as a sparse file. */
  public static void appendZeros(Path file, long count) throws IOException {
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(sparse.length() + count);
    }
  }
}
