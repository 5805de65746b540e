package ai.cacheblend.integration;

import static com.google.common.base.Preconditions.checkState;

import ai.cacheblend.proto.v1.WorkerGrpc;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A worker process that serves a model on a free port; on the CPU, or on the CUDA device that
 * {@code CACHEBLEND_TEST_DEVICE} names, such as {@code cuda:0}.
 */
final class RealWorker implements AutoCloseable {
  private static final String READY = "ready ";
  private static final String DEVICE =
      System.getenv().getOrDefault("CACHEBLEND_TEST_DEVICE", "cpu");

  private final Process process;
  private final String address;
  private final Path log;
  private final ManagedChannel channel;

  static boolean onCpu() {
    return DEVICE.equals("cpu");
  }

  private RealWorker(Process process, String address, Path log) {
    this.process = process;
    this.address = address;
    this.log = log;
    this.channel =
        ManagedChannelBuilder.forTarget(address)
            .usePlaintext()
            .maxInboundMessageSize(64 << 20)
            .build();
  }

  static RealWorker serve(Path model, String... options) {
    List<String> arguments =
        new ArrayList<>(
            List.of("worker", "--model", model.toString(), "--device", DEVICE, "--port", "0"));
    arguments.addAll(List.of(options));
    try {
      Path log = Files.createTempFile("worker", ".log");
      Process process =
          Program.builder(Program.Main.WORKER, arguments.toArray(String[]::new))
              .redirectError(log.toFile())
              .start();
      BufferedReader out = process.inputReader();
      String line = out.readLine();
      checkState(
          line != null && line.startsWith(READY),
          "the worker did not become ready; its log: %s",
          Files.readString(log));
      return new RealWorker(process, line.substring(READY.length()), log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String address() {
    return address;
  }

  long pid() {
    return process.pid();
  }

  WorkerGrpc.WorkerBlockingStub calls() {
    return WorkerGrpc.newBlockingStub(channel);
  }

  WorkerGrpc.WorkerStub asynchronousCalls() {
    return WorkerGrpc.newStub(channel);
  }

  String log() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** SIGTERM; the exit code. */
  int terminate() {
    process.destroy();
    return awaitEnd();
  }

  /** SIGKILL. */
  void kill() {
    process.destroyForcibly();
    awaitEnd();
  }

  private int awaitEnd() {
    try {
      checkState(
          process.waitFor(Program.LIMIT_SECONDS, TimeUnit.SECONDS),
          "the worker did not exit within %s s",
          Program.LIMIT_SECONDS);
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
    if (process.isAlive()) {
      kill();
    }
    try {
      Files.deleteIfExists(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
