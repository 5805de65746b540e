package ai.cacheblend.orchestrator.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.net.HostAndPort;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Shell commands replace the worker. */
final class LocalWorkerIT {
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();

  @Test
  void startWaitsUntilReadyAndCloseStopsTheProcess() {
    LocalWorker worker =
        start(false, "echo building >&2; echo ready 127.0.0.1:4711; exec sleep 60");

    assertThat(worker.address().getPort()).isEqualTo(4711);
    assertThat(worker.alive()).isTrue();
    worker.close();
    assertThat(worker.alive()).isFalse();
    assertThat(log.toString(StandardCharsets.UTF_8)).isEmpty();
  }

  @Test
  void addressMayBeIpv6() {
    try (LocalWorker worker = start(false, "echo 'ready [::1]:4711'; exec sleep 60")) {
      assertThat(worker.address()).isEqualTo(HostAndPort.fromParts("::1", 4711));
    }
  }

  @Test
  void workerThatIgnoresSigtermIsKilled() {
    LocalWorker worker =
        start(false, "trap '' TERM; echo ready 127.0.0.1:1; while :; do sleep 1; done");

    worker.close();

    assertThat(worker.alive()).isFalse();
  }

  @Test
  void exitDuringStartIsReportedWithTheLog() {
    assertThatThrownBy(() -> start(false, "echo 'no model here' >&2; exit 3"))
        .isInstanceOf(LocalWorkerException.class)
        .hasMessageContaining("exit code 3")
        .hasMessageContaining("no model here");
  }

  @Test
  void logIsForwardedOnRequest() {
    LocalWorker worker = start(true, "echo a line >&2; echo ready 127.0.0.1:1; exec sleep 60");
    worker.close();

    assertThat(log.toString(StandardCharsets.UTF_8)).contains("worker: a line");
  }

  @Test
  void missingLauncherIsReportedInOneLine() {
    assertThatThrownBy(
            () ->
                LocalWorker.start(
                    List.of("./no-such-launcher"),
                    LocalWorker.Shown.NONE,
                    new PrintStream(log, true, StandardCharsets.UTF_8)))
        .isInstanceOf(LocalWorkerException.class)
        .hasMessageContaining("no-such-launcher");
  }

  /** The pipe that {@code worker --exit-with-parent} watches. */
  @Test
  void standardInputStaysOpen() {
    try (LocalWorker worker =
        start(true, "echo ready 127.0.0.1:1; read -r x; echo input ended >&2")) {
      assertThat(worker.alive()).isTrue();
      assertThat(log.toString(StandardCharsets.UTF_8)).doesNotContain("input ended");
    }
  }

  @Test
  void progressOfTheStartIsShownUnlessQuiet() {
    String script =
        "echo start: warming up >&2; echo a request >&2; echo ready 127.0.0.1:1; exec cat";
    start(LocalWorker.Shown.NONE, script).close();
    assertThat(log.toString(StandardCharsets.UTF_8)).isEmpty();

    start(LocalWorker.Shown.START, script).close();
    assertThat(log.toString(StandardCharsets.UTF_8).lines()).containsExactly("worker: warming up");
  }

  private LocalWorker start(boolean verbose, String script) {
    return start(verbose ? LocalWorker.Shown.ALL : LocalWorker.Shown.NONE, script);
  }

  private LocalWorker start(LocalWorker.Shown shown, String script) {
    return LocalWorker.start(
        List.of("sh", "-c", script), shown, new PrintStream(log, true, StandardCharsets.UTF_8));
  }
}
