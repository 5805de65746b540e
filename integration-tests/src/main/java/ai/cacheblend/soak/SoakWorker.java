package ai.cacheblend.soak;

import ai.cacheblend.fuzz.ProcessStatus;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A worker with the embedded model, on a port that survives its restarts. */
final class SoakWorker implements AutoCloseable {
  private final Path launcher;
  private final int port;
  private final File log;
  private Process process;

  SoakWorker(Path launcher, File log) {
    this.launcher = launcher;
    this.log = log;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    start();
  }

  String address() {
    return "127.0.0.1:" + port;
  }

  private void start() {
    ProcessBuilder builder =
        // The store of chunks is full within minutes, so that it does not look like a leak.
        new ProcessBuilder(
                List.of(
                    launcher.toString(),
                    "worker",
                    "--model",
                    "pocket",
                    "--chunk-memory",
                    "64m",
                    "--port",
                    String.valueOf(port)))
            .redirectError(ProcessBuilder.Redirect.appendTo(log));
    try {
      process = builder.start();
      BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
      String line = out.readLine();
      if (line == null || !line.startsWith("ready ")) {
        throw new IllegalStateException("the worker did not start; see " + log);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  synchronized void killAndRestart() throws InterruptedException {
    process.destroyForcibly().waitFor();
    start();
  }

  /** Stops the process for a while, as a machine does that hangs. */
  synchronized void pause(Duration duration) throws InterruptedException {
    signal("STOP");
    try {
      Thread.sleep(duration.toMillis());
    } finally {
      signal("CONT");
    }
  }

  synchronized boolean alive() {
    return process.isAlive();
  }

  synchronized ProcessStatus status() {
    return ProcessStatus.of(process.pid());
  }

  private void signal(String name) throws InterruptedException {
    try {
      new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public synchronized void close() {
    process.destroy();
    try {
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
