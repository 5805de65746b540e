package ai.cacheblend.hub;

import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Shows a download: on a terminal one line that is redrawn, otherwise a line now and then. A line
 * remains at the end.
 */
public final class PullProgress implements PullListener {

  /** Where and how to show it. */
  public enum Style {
    SILENT,
    PLAIN,
    TERMINAL
  }

  /** Bytes that had arrived at a moment. */
  private record Mark(long nanos, long bytes) {}

  private static final Duration PLAIN_INTERVAL = Duration.ofSeconds(15);
  private static final Duration TERMINAL_INTERVAL = Duration.ofMillis(200);

  /** The rate is that of the last seconds. */
  private static final Duration RATE_SPAN = Duration.ofSeconds(10);

  private static final int BAR_WIDTH = 24;
  private static final double NANOS_PER_SECOND = 1e9;

  /** A line that is too long ends at the edge; otherwise it could not be redrawn. */
  private static final String REDRAW = "\r\u001b[K\u001b[?7l";

  private static final String WRAP = "\u001b[?7h";

  private final Style style;
  private final PrintStream out;
  private final LongSupplier nanoTime;
  private final Deque<Mark> marks = new ArrayDeque<>();
  private String name = "";
  private int missingFiles;
  private long totalBytes;
  private long doneBytes;
  private long receivedBytes;
  private long startedNanos;
  private long shownNanos;
  private boolean lineOpen;

  public PullProgress(Style style, PrintStream out, LongSupplier nanoTime) {
    this.style = style;
    this.out = out;
    this.nanoTime = nanoTime;
  }

  @Override
  public synchronized void started(
      Repository repository, int fileCount, long newTotalBytes, long presentBytes) {
    name = repository.id();
    missingFiles = fileCount;
    totalBytes = newTotalBytes;
    doneBytes = presentBytes;
    receivedBytes = 0;
    startedNanos = nanoTime.getAsLong();
    shownNanos = startedNanos;
    marks.clear();
    marks.add(new Mark(startedNanos, 0));
    if (style == Style.TERMINAL) {
      draw(startedNanos);
    }
  }

  @Override
  public synchronized void received(long bytes) {
    doneBytes += bytes;
    receivedBytes += Math.max(0, bytes);
    long now = nanoTime.getAsLong();
    Duration interval = style == Style.TERMINAL ? TERMINAL_INTERVAL : PLAIN_INTERVAL;
    if (now - shownNanos >= interval.toNanos()) {
      shownNanos = now;
      marks.addLast(new Mark(now, receivedBytes));
      while (marks.size() > 2 && now - marks.peekFirst().nanos() > RATE_SPAN.toNanos()) {
        marks.removeFirst();
      }
      draw(now);
    }
  }

  private void draw(long now) {
    switch (style) {
      case SILENT -> {}
      case PLAIN -> out.println("downloading " + name + ": " + state(now));
      case TERMINAL -> {
        out.print(REDRAW + name + "  " + bar() + "  " + state(now) + WRAP);
        out.flush();
        lineOpen = true;
      }
    }
  }

  private String state(long now) {
    double rate = rate(now);
    return String.format(
        Locale.ROOT,
        "%.0f %%, %s of %s%s",
        100 * share(),
        ByteSize.format(doneBytes),
        ByteSize.format(totalBytes),
        rate <= 0
            ? ""
            : ", %s/s, %s left".formatted(ByteSize.format(Math.round(rate)), left(rate)));
  }

  private double share() {
    return totalBytes == 0 ? 1 : Math.max(0, Math.min(1, (double) doneBytes / totalBytes));
  }

  private String bar() {
    int full = (int) Math.round(share() * BAR_WIDTH);
    return "█".repeat(full) + "░".repeat(BAR_WIDTH - full);
  }

  /** Bytes per second. */
  private double rate(long now) {
    Mark first = marks.peekFirst();
    double seconds = (now - first.nanos()) / NANOS_PER_SECOND;
    return seconds <= 0 ? 0 : (receivedBytes - first.bytes()) / seconds;
  }

  private String left(double rate) {
    return clock((long) Math.ceil(Math.max(0, totalBytes - doneBytes) / rate));
  }

  private static String clock(long seconds) {
    Duration time = Duration.ofSeconds(seconds);
    return time.toHours() > 0
        ? String.format(
            Locale.ROOT, "%d:%02d:%02d", time.toHours(), time.toMinutesPart(), time.toSecondsPart())
        : String.format(Locale.ROOT, "%d:%02d", time.toMinutes(), time.toSecondsPart());
  }

  @Override
  public synchronized void finished(Snapshot snapshot, int fileCount, long allBytes) {
    if (missingFiles == 0) {
      print(
          "%s is complete: %s, %s in %s"
              .formatted(
                  snapshot.repository().id(),
                  files(fileCount),
                  ByteSize.format(allBytes),
                  snapshot.folder()));
      return;
    }
    double seconds = (nanoTime.getAsLong() - startedNanos) / NANOS_PER_SECOND;
    print(
        "downloaded %s: %s, %s in %s%s, to %s"
            .formatted(
                name,
                files(missingFiles),
                ByteSize.format(receivedBytes),
                clock(Math.round(seconds)),
                seconds > 0
                    ? " (%s/s)".formatted(ByteSize.format(Math.round(receivedBytes / seconds)))
                    : "",
                snapshot.folder()));
    missingFiles = 0;
  }

  private static String files(int count) {
    return count == 1 ? "1 file" : count + " files";
  }

  @Override
  public synchronized void message(String line) {
    print(line);
  }

  private void print(String line) {
    if (style == Style.SILENT) {
      return;
    }
    if (lineOpen) {
      out.print("\r\u001b[K");
      lineOpen = false;
    }
    out.println(line);
  }
}
