package ai.cacheblend.orchestrator.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Ticker;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ProgressTest {
  private static final String ERASE = "\r\u001b[J";

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private long nowNanos = 1_000;

  @Test
  void plainStylePrintsEveryTwoSecondsAndAtTheEnd() {
    Progress<String> progress = progress(Progress.Style.PLAIN);
    progress.started(10);
    for (int i = 1; i <= 10; i++) {
      nowNanos += Duration.ofMillis(700).toNanos();
      progress.finished("sample " + i, 1);
    }

    assertThat(text())
        .isEqualTo(
            """
            task  10 %  1 done, 0:06 left  sample 1 on gpu1
            task  40 %  4 done, 0:04 left  sample 4 on gpu1
            task  70 %  7 done, 0:02 left  sample 7 on gpu1
            task 100 %  10 done, 0:00 left  sample 10 on gpu1
            """);
  }

  @Test
  void terminalStyleShowsBarsAndCurrentMeans() {
    Progress<String> progress = progress(Progress.Style.TERMINAL);
    progress.started(4);
    nowNanos += Duration.ofSeconds(1).toNanos();
    progress.finished("one", 1);
    nowNanos += Duration.ofSeconds(1).toNanos();
    progress.finished("three", 1);

    // Lengths 3 and 5: mean 4, and t(0.975, 1) = 12.706 times a standard error of 1.
    assertThat(lastFrame())
        .containsExactly(
            "task  50 %  2 done, 0:02 left",
            "  gpu1  ████████████████████░░░░░░░░░░  67 %  three",
            "  gpu2  ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░   0 %  ",
            "  arm a  4.0 ± 12.7 cm  n 2  letters");
  }

  @Test
  void displayIsRedrawnInPlaceAndErasedAtTheEnd() {
    Progress<String> progress = progress(Progress.Style.TERMINAL);
    progress.started(2);
    progress.finished("one", 1);
    progress.finished("two", 1);
    progress.close();

    // The first frame has three lines, the second one of means more.
    assertThat(text())
        .startsWith(ERASE)
        .contains("\u001b[3A" + ERASE)
        .endsWith("\u001b[4A" + ERASE);
  }

  @Test
  void lostWorkerIsPrintedAboveTheDisplay() {
    Progress<String> progress = progress(Progress.Style.TERMINAL);
    progress.started(2);
    progress.workerLost("gpu2", "worker gpu2: gone");

    assertThat(text()).contains(ERASE + "lost worker gpu2: gone\n");
    assertThat(lastFrame()).anyMatch(line -> line.startsWith("  gpu2") && line.endsWith("lost"));
  }

  @ParameterizedTest
  @EnumSource(
      value = Progress.Style.class,
      names = {"PLAIN", "TERMINAL"})
  void namesFromDataCannotControlTheTerminal(Progress.Style style) {
    Progress<String> progress = progress(style);
    progress.started(2);
    progress.finished("id\u001b[2J\u009b1A\nsecond line", 2);
    progress.workerLost("gpu2", "worker gpu2: \u001b]0;title\u0007\nsecond line");

    assertThat(text())
        .contains("id\\u001b[2J\\u009b1A | second line", "\\u001b]0;title\\u0007 | second line")
        .doesNotContain("\u001b[2J", "\u009b", "\u001b]0", "\u0007");
  }

  @Test
  void silentStylePrintsNothing() {
    Progress<String> progress = progress(Progress.Style.SILENT);
    progress.started(1);
    progress.finished("x", 1);

    assertThat(text()).isEmpty();
  }

  private List<String> lastFrame() {
    String[] frames = text().split("\u001b\\[J", -1);
    return frames[frames.length - 1].replaceAll("\u001b\\[\\?7[lh]", "").lines().toList();
  }

  private Progress<String> progress(Progress.Style style) {
    Ticker ticker =
        new Ticker() {
          @Override
          public long read() {
            return nowNanos;
          }
        };
    Progress.Subject<String> subject =
        new Progress.Subject<>(
            "task",
            List.of("gpu1", "gpu2"),
            "%.1f",
            " cm",
            word ->
                new ProgressStep(
                    "gpu1",
                    word,
                    List.of(new ProgressStep.Reading("letters", "arm a", word.length()))));
    return new Progress<>(
        subject, style, new PrintStream(bytes, true, StandardCharsets.UTF_8), ticker);
  }

  private String text() {
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
