package ai.cacheblend.orchestrator.console;

import ai.cacheblend.orchestrator.load.LiveCounts;
import ai.cacheblend.orchestrator.records.LoadSlice;
import com.google.common.base.Ticker;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Shows how far a load run is: on a terminal the counts of the running slice twice per second;
 * otherwise a line per slice. A thread of its own draws, because requests are timed meanwhile.
 */
public final class LoadProgress implements AutoCloseable {
  private static final long DRAW_MILLIS = 500;
  private static final int BAR_WIDTH = 20;

  private final int totalSlices;
  private final int slicesPerLevel;
  private final Progress.Style style;
  private final TerminalStream out;
  private final Ticker ticker;
  private final TerminalBlock block;
  private final long startedNanos;
  private final ScheduledExecutorService drawing =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "load progress");
            thread.setDaemon(true);
            return thread;
          });

  @GuardedBy("this")
  private int doneSlices;

  @GuardedBy("this")
  private LoadSlice.Key running;

  @GuardedBy("this")
  private LiveCounts counts = new LiveCounts();

  /**
   * @param totalSlices that will run
   * @param slicesPerLevel of one arm
   */
  public LoadProgress(
      int totalSlices, int slicesPerLevel, Progress.Style style, PrintStream out, Ticker ticker) {
    this.totalSlices = totalSlices;
    this.slicesPerLevel = slicesPerLevel;
    this.style = style;
    this.out = TerminalStream.over(out);
    this.ticker = ticker;
    this.block = new TerminalBlock(this.out);
    this.startedNanos = ticker.read();
    if (style == Progress.Style.TERMINAL) {
      ScheduledFuture<?> unused =
          drawing.scheduleWithFixedDelay(this::draw, 0, DRAW_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  /** A slice begins. */
  public synchronized void began(LoadSlice.Key key, LiveCounts live) {
    running = key;
    counts = live;
  }

  /** A slice has ended. */
  public synchronized void ended(LoadSlice slice) {
    doneSlices++;
    if (style == Progress.Style.PLAIN) {
      out.println(headline() + "  " + summary(counts.snapshot()));
    }
    slice.problem().ifPresent(this::problem);
  }

  private synchronized void problem(String problem) {
    if (style == Progress.Style.TERMINAL) {
      block.erase();
    }
    out.println("slice does not count: " + problem);
  }

  private synchronized void draw() {
    if (running != null) {
      block.draw(lines());
    }
  }

  /** The lines of the live view, 80 columns at most. */
  synchronized List<String> lines() {
    LiveCounts.Snapshot live = counts.snapshot();
    List<String> lines = new ArrayList<>();
    int full = totalSlices == 0 ? 0 : doneSlices * BAR_WIDTH / totalSlices;
    lines.add(headline());
    lines.add("  " + "█".repeat(full) + "░".repeat(BAR_WIDTH - full) + "  " + left() + " left");
    lines.add("  " + summary(live));
    lines.add(
        "  recent TTFT: median "
            + Numbers.millis(live.medianTtft())
            + " ms, longest "
            + Numbers.millis(live.worstTtft())
            + " ms; send lag up to "
            + Numbers.millis(live.worstLag())
            + " ms");
    return lines;
  }

  private synchronized String headline() {
    return String.format(
        Locale.ROOT,
        "load %d of %d: %s, %s%s",
        Math.min(totalSlices, doneSlices + (style == Progress.Style.PLAIN ? 0 : 1)),
        totalSlices,
        running.point().text(),
        running.arm(),
        slicesPerLevel == 1 ? "" : ", slice " + (running.slice() + 1) + " of " + slicesPerLevel);
  }

  private static String summary(LiveCounts.Snapshot live) {
    String hits =
        live.chunks() == 0
            ? ""
            : ", hit rate " + Numbers.percent(1 - (double) live.misses() / live.chunks()) + " %";
    return "sent "
        + live.sent()
        + ", in flight "
        + live.outstanding()
        + ", answered "
        + live.ok()
        + ", failed "
        + live.failed()
        + hits;
  }

  /** From the slices that have ended. */
  private synchronized String left() {
    if (doneSlices == 0) {
      return "?";
    }
    Duration left =
        Duration.ofNanos((ticker.read() - startedNanos) / doneSlices * (totalSlices - doneSlices));
    return String.format(Locale.ROOT, "%d:%02d", left.toMinutes(), left.toSecondsPart());
  }

  /** Clears the terminal for what comes after the run. */
  @Override
  public void close() {
    drawing.shutdownNow();
    synchronized (this) {
      if (style == Progress.Style.TERMINAL) {
        block.erase();
      }
    }
  }
}
