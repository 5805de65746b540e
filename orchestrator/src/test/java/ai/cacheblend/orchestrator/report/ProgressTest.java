package ai.cacheblend.orchestrator.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Ticker;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class ProgressTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private long nowNanos = 1_000;

  @Test
  void plainLinesComeAtMostEveryTwoSecondsAndAtTheEnd() {
    Progress<String> progress = progress(Progress.Style.PLAIN);
    progress.started(10);
    for (int i = 1; i <= 10; i++) {
      nowNanos += Duration.ofMillis(700).toNanos();
      progress.finished("sample " + i, 1);
    }

    assertThat(text())
        .isEqualTo(
            """
            task  10 %  1 done, 0:06 left  sample 1
            task  40 %  4 done, 0:04 left  sample 4
            task  70 %  7 done, 0:02 left  sample 7
            task 100 %  10 done, 0:00 left  sample 10
            """);
  }

  @Test
  void aTerminalHasOneLineThatVanishes() {
    Progress<String> progress = progress(Progress.Style.TERMINAL);
    progress.started(2);
    progress.finished("x".repeat(200), 1);
    progress.finished("done", 1);

    assertThat(text()).doesNotContain("\n").endsWith("\r\u001b[K");
    for (String drawn : text().split("\r\u001b\\[K", -1)) {
      assertThat(drawn.length()).isLessThanOrEqualTo(79);
    }
  }

  @Test
  void quietIsQuiet() {
    Progress<String> progress = progress(Progress.Style.SILENT);
    progress.started(1);
    progress.finished("x", 1);

    assertThat(text()).isEmpty();
  }

  private Progress<String> progress(Progress.Style style) {
    Ticker ticker =
        new Ticker() {
          @Override
          public long read() {
            return nowNanos;
          }
        };
    return new Progress<>(
        "task", style, new PrintStream(bytes, true, StandardCharsets.UTF_8), ticker, r -> r);
  }

  private String text() {
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
