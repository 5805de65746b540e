package ai.cacheblend.orchestrator.console;

import ai.cacheblend.orchestrator.records.BlockListener;
import com.google.common.base.Ticker;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * Prints the progress of a run to stderr: on a terminal, a bar per worker and the current means,
 * redrawn in place; otherwise a plain line every two seconds at most.
 *
 * @param <R> result of a block
 */
public final class Progress<R> implements BlockListener<R>, AutoCloseable {
  private static final Duration PLAIN_INTERVAL = Duration.ofSeconds(2);

  /** How progress is displayed. */
  public enum Style {
    SILENT,
    PLAIN,
    TERMINAL
  }

  /**
   * The display of one kind of run.
   *
   * @param title start of each line
   * @param workers names of all workers of the run
   * @param valueFormat format of measurements, such as {@code %.2f}
   * @param unit suffix of measurements, including a leading space; may be empty
   * @param step maps a result to a progress step
   */
  public record Subject<R>(
      String title,
      List<String> workers,
      String valueFormat,
      String unit,
      Function<R, ProgressStep> step) {
    public Subject {
      workers = List.copyOf(workers);
    }
  }

  private final Subject<R> subject;
  private final Style style;
  private final TerminalStream out;
  private final Ticker ticker;
  private final WorkerBars bars;
  private final RunningMeans means;
  private final TerminalBlock block;
  private double totalWeight;
  private double doneWeight;
  private int doneCount;
  private long startedNanos;
  private long shownNanos;

  public Progress(Subject<R> subject, Style style, PrintStream out, Ticker ticker) {
    this.subject = subject;
    this.style = style;
    this.out = TerminalStream.over(out);
    this.ticker = ticker;
    this.bars = new WorkerBars(subject.workers());
    this.means = new RunningMeans(subject.valueFormat(), subject.unit());
    this.block = new TerminalBlock(this.out);
  }

  @Override
  public void started(double weight) {
    totalWeight = weight;
    startedNanos = ticker.read();
    shownNanos = startedNanos - PLAIN_INTERVAL.toNanos();
    if (style == Style.TERMINAL) {
      block.draw(lines(startedNanos));
    }
  }

  @Override
  public void finished(R result, double weight) {
    doneWeight += weight;
    doneCount++;
    boolean last = doneWeight >= totalWeight * (1 - 1e-9);
    long nowNanos = ticker.read();
    ProgressStep step = subject.step().apply(result);
    bars.finished(step.worker(), step.label(), weight);
    means.add(step.readings());
    switch (style) {
      case SILENT -> {}
      case PLAIN -> {
        if (last || nowNanos - shownNanos >= PLAIN_INTERVAL.toNanos()) {
          shownNanos = nowNanos;
          out.println(headline(nowNanos) + "  " + step.label() + " on " + step.worker());
        }
      }
      case TERMINAL -> block.draw(lines(nowNanos));
    }
  }

  @Override
  public void workerLost(String worker, String reason) {
    bars.lost(worker);
    String line = "lost " + TerminalStream.oneLine(reason);
    if (style == Style.TERMINAL) {
      block.erase();
      out.println(line);
      block.draw(lines(ticker.read()));
    } else {
      out.println(line);
    }
  }

  /** Erases the progress display from the terminal. */
  @Override
  public void close() {
    if (style == Style.TERMINAL) {
      block.erase();
    }
  }

  private List<String> lines(long nowNanos) {
    List<String> lines = new ArrayList<>(List.of(headline(nowNanos)));
    lines.addAll(bars.lines(Math.max(0, totalWeight - doneWeight)));
    lines.addAll(means.lines());
    return lines;
  }

  private String headline(long nowNanos) {
    double done = totalWeight > 0 ? Math.min(1, doneWeight / totalWeight) : 1;
    return String.format(
        Locale.ROOT,
        "%s %3.0f %%  %d done, %s left",
        subject.title(),
        100 * done,
        doneCount,
        doneCount == 0 ? "?" : minutes(left(done, nowNanos)));
  }

  private Duration left(double done, long nowNanos) {
    long elapsedNanos = nowNanos - startedNanos;
    return Duration.ofNanos((long) (elapsedNanos * (1 - done) / Math.max(done, 1e-9)));
  }

  private static String minutes(Duration duration) {
    return String.format(Locale.ROOT, "%d:%02d", duration.toMinutes(), duration.toSecondsPart());
  }
}
