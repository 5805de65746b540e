package ai.cacheblend.worker.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.cacheblend.worker.engine.BatchLimits;
import ai.cacheblend.worker.export.ExportProgress;
import ai.cacheblend.worker.export.ExportRequest;
import ai.cacheblend.worker.export.Exporter;
import ai.cacheblend.worker.model.VerifyMode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class WorkerProcessTest {
  @TempDir private static Path folder;
  private static Path model;

  @BeforeAll
  static void export() throws IOException {
    model = folder.resolve("model");
    new Exporter(ExportProgress.NONE).export(ExportRequest.of(Path.of("models/pocket"), model));
  }

  /** The scheduler thread uses the session and the pool, which are closed on failure. */
  @Test
  void failedStartEndsTheSchedulerThread() {
    assertThatThrownBy(
            () ->
                WorkerProcess.start(
                    options(0),
                    new ModelLocator.Located(model, false),
                    line -> {},
                    device -> {
                      throw new IllegalStateException("no such device");
                    }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("no such device");

    assertThat(schedulerThreadCount()).isZero();
  }

  @Test
  void portInUseIsReportedAndEndsTheSchedulerThread() throws IOException {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = other.getLocalPort();

      assertThatThrownBy(
              () -> WorkerProcess.start(options(port), new ModelLocator.Located(model, false)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("cannot listen on 127.0.0.1:" + port);
    }

    assertThat(schedulerThreadCount()).isZero();
  }

  private static long schedulerThreadCount() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("scheduler"))
        .count();
  }

  private static WorkerOptions options(int port) {
    return new WorkerOptions(
        "pocket",
        DeviceName.parse("cpu"),
        "127.0.0.1",
        port,
        1,
        new MemoryPlan.Requested(OptionalLong.of(64 << 20), OptionalLong.of(64 << 20)),
        TierOptions.NONE,
        4,
        new BatchLimits(2, 64),
        List.of(),
        VerifyMode.OFF,
        Duration.ZERO,
        SecurityOptions.NONE,
        List.of());
  }
}
