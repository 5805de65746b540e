package ai.cacheblend.worker.grpc;

import com.google.common.base.Ticker;
import io.grpc.Status;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One line for each call that is refused before its request is decoded, at most ten per second, so
 * that callers cannot fill the disk of the log. Thread-safe.
 */
final class RefusalLog {
  private static final Logger log = LoggerFactory.getLogger(RefusalLog.class);
  private static final int LINES_PER_SECOND = 10;
  private static final long SECOND_NANOS = 1_000_000_000;

  private final Ticker ticker;
  private long secondStartNanos;
  private int lineCount;
  private long omittedCount;

  RefusalLog(Ticker ticker) {
    this.ticker = ticker;
    this.secondStartNanos = ticker.read();
  }

  void write(String method, Status status) {
    long omitted = admit();
    if (omitted >= 0) {
      log.warn(
          "call={} status={} message=\"{}\"{}",
          method,
          status.getCode(),
          status.getDescription(),
          omitted == 0 ? "" : " omitted_lines=" + omitted);
    }
  }

  /** The number of lines that were omitted before this one; negative: omit this one too. */
  synchronized long admit() {
    long now = ticker.read();
    if (now - secondStartNanos >= SECOND_NANOS) {
      secondStartNanos = now;
      lineCount = 0;
    }
    if (lineCount == LINES_PER_SECOND) {
      omittedCount++;
      return -1;
    }
    lineCount++;
    long omitted = omittedCount;
    omittedCount = 0;
    return omitted;
  }
}
