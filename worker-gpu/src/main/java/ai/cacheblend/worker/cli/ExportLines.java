package ai.cacheblend.worker.cli;

import ai.cacheblend.worker.export.ExportProgress;
import com.google.common.base.Ticker;
import java.util.Locale;
import java.util.function.Consumer;

/** Formats the progress of an export: a line with the rate per 10 %, and warnings. */
final class ExportLines implements ExportProgress {
  private static final double NANOS_PER_SECOND = 1e9;

  private final Consumer<String> lines;
  private final Ticker ticker;
  private final long begunNanos;
  private long printedTenths;

  ExportLines(Consumer<String> lines, Ticker ticker) {
    this.lines = lines;
    this.ticker = ticker;
    this.begunNanos = ticker.read();
  }

  @Override
  public void written(String block, long writtenBytes, long totalBytes) {
    long tenths = writtenBytes * 10 / totalBytes;
    if (tenths > printedTenths) {
      printedTenths = tenths;
      double seconds = (ticker.read() - begunNanos) / NANOS_PER_SECOND;
      lines.accept(
          String.format(
              Locale.ROOT,
              "weights %d %%, %d of %d MiB, %.0f MiB/s",
              tenths * 10,
              writtenBytes >> 20,
              totalBytes >> 20,
              (writtenBytes >> 20) / Math.max(seconds, 1e-3)));
    }
  }

  @Override
  public void warning(String message) {
    lines.accept("warning: " + LogEscape.escape(message));
  }
}
