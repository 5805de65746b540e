package ai.cacheblend.orchestrator.report;

import ai.cacheblend.orchestrator.run.RunListener;
import com.google.common.base.Ticker;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Function;

/**
 * Tells on stderr how far a run is: one line drawn again and again on a terminal, otherwise plain
 * lines now and then.
 *
 * @param <R> what the run yields
 */
public final class Progress<R> implements RunListener<R> {
  private static final Duration PLAIN_INTERVAL = Duration.ofSeconds(2);
  private static final int TERMINAL_WIDTH = 79;
  private static final String ERASE_LINE = "\r\u001b[K";

  /** Where and how to draw. */
  public enum Style {
    SILENT,
    PLAIN,
    TERMINAL
  }

  private final String title;
  private final Style style;
  private final PrintStream out;
  private final Ticker ticker;
  private final Function<R, String> label;
  private double totalWeight;
  private double doneWeight;
  private int doneCount;
  private long startedNanos;
  private long shownNanos;

  public Progress(
      String title, Style style, PrintStream out, Ticker ticker, Function<R, String> label) {
    this.title = title;
    this.style = style;
    this.out = out;
    this.ticker = ticker;
    this.label = label;
  }

  @Override
  public void started(double weight) {
    totalWeight = weight;
    startedNanos = ticker.read();
    shownNanos = startedNanos - PLAIN_INTERVAL.toNanos();
  }

  @Override
  public void finished(R result, double weight) {
    doneWeight += weight;
    doneCount++;
    boolean last = doneWeight >= totalWeight * (1 - 1e-9);
    long nowNanos = ticker.read();
    switch (style) {
      case SILENT -> {}
      case PLAIN -> {
        if (last || nowNanos - shownNanos >= PLAIN_INTERVAL.toNanos()) {
          shownNanos = nowNanos;
          out.println(line(result, nowNanos));
        }
      }
      case TERMINAL -> {
        String line = line(result, nowNanos);
        out.print(ERASE_LINE + line.substring(0, Math.min(line.length(), TERMINAL_WIDTH)));
        out.print(last ? ERASE_LINE : "");
        out.flush();
      }
    }
  }

  @Override
  public void workerLost(String worker, String reason) {
    out.println((style == Style.TERMINAL ? ERASE_LINE : "") + "lost " + reason);
  }

  private String line(R result, long nowNanos) {
    double done = totalWeight > 0 ? Math.min(1, doneWeight / totalWeight) : 1;
    long elapsedNanos = nowNanos - startedNanos;
    Duration left = Duration.ofNanos((long) (elapsedNanos * (1 - done) / Math.max(done, 1e-9)));
    return String.format(
        Locale.ROOT,
        "%s %3.0f %%  %d done, %s left  %s",
        title,
        100 * done,
        doneCount,
        minutes(left),
        label.apply(result));
  }

  private static String minutes(Duration duration) {
    return String.format(Locale.ROOT, "%d:%02d", duration.toMinutes(), duration.toSecondsPart());
  }
}
