package ai.cacheblend.orchestrator.cli;

import com.google.common.collect.EvictingQueue;
import com.google.common.net.HostAndPort;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** A worker in a child process, which is stopped when this process exits. */
final class LocalWorker implements AutoCloseable {
  /** Lines of the log that are shown. */
  enum Shown {
    NONE,
    /** Progress of the start. */
    START,
    ALL;

    private Optional<String> text(String line) {
      boolean start = line.startsWith(START_PREFIX);
      return this == ALL || (this == START && start)
          ? Optional.of(start ? line.substring(START_PREFIX.length()) : line)
          : Optional.empty();
    }
  }

  private static final String READY = "ready ";
  private static final String START_PREFIX = "start: ";

  /** Log lines kept for {@link #exitSummary}. */
  private static final int KEPT_LINES = 8;

  /** Includes the time to read a large model from disk. */
  private static final Duration START_LIMIT = Duration.ofMinutes(15);

  private static final Duration STOP_LIMIT = Duration.ofSeconds(15);

  private final Process process;
  private final EvictingQueue<String> lastLines = EvictingQueue.create(KEPT_LINES);
  private final CompletableFuture<HostAndPort> address = new CompletableFuture<>();
  private final Thread stopAtExit = new Thread(this::stop, "stop worker");
  private final Thread log;

  private LocalWorker(Process process, Consumer<String> logLines) {
    this.process = process;
    this.log =
        follow("worker log", process.getErrorStream(), logLines.andThen(this::remember), () -> {});
    follow(
        "worker output",
        process.getInputStream(),
        this::readyLine,
        () -> address.completeExceptionally(new IOException("the worker exited")));
  }

  /**
   * Starts a worker and waits until it is ready.
   *
   * @param shown lines of its log that go to {@code forwarded}
   */
  static LocalWorker start(List<String> command, Shown shown, PrintStream forwarded) {
    Process process;
    try {
      process = new ProcessBuilder(command).redirectInput(ProcessBuilder.Redirect.PIPE).start();
    } catch (IOException e) {
      throw new LocalWorkerException("cannot start a worker: " + e.getMessage());
    }
    LocalWorker worker =
        new LocalWorker(
            process,
            line -> {
              shown.text(line).ifPresent(text -> forwarded.println("worker: " + text));
            });
    Runtime.getRuntime().addShutdownHook(worker.stopAtExit);
    try {
      worker.address.get(START_LIMIT.toSeconds(), TimeUnit.SECONDS);
      return worker;
    } catch (ExecutionException e) {
      worker.awaitEnd();
      worker.close();
      throw new LocalWorkerException("the worker did not start: " + worker.exitSummary());
    } catch (TimeoutException e) {
      worker.close();
      throw new LocalWorkerException(
          "the worker was not ready after " + START_LIMIT.toMinutes() + " minutes");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      worker.close();
      throw new LocalWorkerException("interrupted");
    }
  }

  HostAndPort address() {
    return address.join();
  }

  boolean alive() {
    return process.isAlive();
  }

  /** Exit code and the last log lines. */
  String exitSummary() {
    synchronized (lastLines) {
      String exit = process.isAlive() ? "" : "exit code " + process.exitValue() + "; ";
      return exit + (lastLines.isEmpty() ? "the log is empty" : String.join(" | ", lastLines));
    }
  }

  private void readyLine(String line) {
    if (line.startsWith(READY)) {
      address.complete(HostAndPort.fromString(line.substring(READY.length()).trim()));
    }
  }

  private void remember(String line) {
    synchronized (lastLines) {
      lastLines.add(line);
    }
  }

  private Thread follow(
      String name, InputStream stream, Consumer<String> consumer, Runnable atEnd) {
    Thread thread =
        new Thread(
            () -> {
              try (BufferedReader lines =
                  new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                  consumer.accept(line);
                }
              } catch (IOException e) {
                remember("reading its output failed: " + e.getMessage());
              } finally {
                atEnd.run();
              }
            },
            name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  /** Waits for the exit code of a process that has closed its output. */
  private void awaitEnd() {
    try {
      process.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Uses the handle: Process.destroy would close the streams before their last lines are read. */
  private void stop() {
    process.toHandle().destroy();
    try {
      if (!process.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        process.toHandle().destroyForcibly();
        process.waitFor();
      }
    } catch (InterruptedException e) {
      process.toHandle().destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    stop();
    try {
      log.join(STOP_LIMIT.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    try {
      Runtime.getRuntime().removeShutdownHook(stopAtExit);
    } catch (IllegalStateException e) {
      // This process is exiting: the hook runs or has run.
    }
  }
}
