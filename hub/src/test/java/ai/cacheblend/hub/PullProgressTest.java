package ai.cacheblend.hub;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.hub.PullProgress.Style;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class PullProgressTest {

  private static final Repository MODEL = Repository.model("org/name");
  private static final Snapshot SNAPSHOT = new Snapshot(MODEL, "abc", Path.of("/hub/abc"));

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private long seconds;

  private PullProgress progress(Style style) {
    return new PullProgress(
        style, new PrintStream(out, true, UTF_8), () -> seconds * 1_000_000_000L);
  }

  @Test
  void plainLinesHaveRateAndTimeLeft() {
    PullProgress progress = progress(Style.PLAIN);
    progress.started(MODEL, 3, 10_000_000_000L, 1_000_000_000L);
    for (int i = 0; i < 40; i++) {
      seconds++;
      progress.received(100_000_000);
    }
    progress.message("a warning");
    seconds += 50;
    progress.received(5_000_000_000L);
    progress.finished(SNAPSHOT, 5, 11_000_000_000L);

    assertThat(out.toString(UTF_8).lines())
        .containsExactly(
            "downloading org/name: 25 %, 2.50 GB of 10.0 GB, 100 MB/s, 1:15 left",
            "downloading org/name: 40 %, 4.00 GB of 10.0 GB, 100 MB/s, 1:00 left",
            "a warning",
            "downloading org/name: 100 %, 10.0 GB of 10.0 GB, 100 MB/s, 0:00 left",
            "downloaded org/name: 3 files, 9.00 GB in 1:30 (100 MB/s), to /hub/abc");
  }

  @Test
  void aTerminalHasOneLineThatIsRedrawn() {
    PullProgress progress = progress(Style.TERMINAL);
    progress.started(MODEL, 1, 1000, 0);
    seconds = 1;
    progress.received(500);
    progress.finished(SNAPSHOT, 1, 1000);

    String text = out.toString(UTF_8);
    assertThat(text)
        .contains(
            "org/name  ░░░░░░░░░░░░░░░░░░░░░░░░  0 %, 0 B of 1.00 kB",
            "org/name  ████████████░░░░░░░░░░░░  50 %, 500 B of 1.00 kB, 500 B/s, 0:01 left")
        .endsWith("\r\u001b[Kdownloaded org/name: 1 file, 500 B in 0:01 (500 B/s), to /hub/abc\n");
    assertThat(text.chars().filter(c -> c == '\n').count()).isEqualTo(1);
  }

  @Test
  void nothingToDownloadIsOneLine() {
    progress(Style.PLAIN).finished(SNAPSHOT, 2, 14_480_000_000L);
    assertThat(out.toString(UTF_8))
        .isEqualTo("org/name is complete: 2 files, 14.5 GB in /hub/abc\n");
  }

  @Test
  void silenceIsSilent() {
    PullProgress progress = progress(Style.SILENT);
    progress.started(MODEL, 1, 1000, 0);
    seconds = 100;
    progress.received(1000);
    progress.message("x");
    progress.finished(SNAPSHOT, 1, 1000);
    assertThat(out.toString(UTF_8)).isEmpty();
  }
}
