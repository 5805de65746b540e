package ai.cacheblend.worker.grpc;

import ai.cacheblend.worker.engine.CheckResult;
import ai.cacheblend.worker.engine.CollectResult;
import ai.cacheblend.worker.engine.GenerateResult;
import com.google.common.base.Ticker;
import io.grpc.Status;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One line of {@code key=value} pairs per call, written when the call ends. */
final class RequestLog {
  private static final Logger log = LoggerFactory.getLogger(RequestLog.class);

  private final StringBuilder line;
  private final Ticker ticker;
  private final long startNanos;

  RequestLog(String call, Ticker ticker) {
    this.line = new StringBuilder("call=").append(call);
    this.ticker = ticker;
    this.startNanos = ticker.read();
  }

  void add(CollectResult result) {
    long hits = result.chunks().stream().filter(CollectResult.Chunk::hit).count();
    add("chunks", result.chunks().size());
    add("hits", hits);
    add("tokens", result.chunks().stream().mapToLong(CollectResult.Chunk::tokenCount).sum());
    addMillis("queue_ms", result.queueNanos());
    addMillis(
        "compute_ms", result.chunks().stream().mapToLong(CollectResult.Chunk::computeNanos).sum());
  }

  void add(CheckResult result) {
    add("prompt_tokens", result.promptTokenCount());
    add("chunks", result.chunks().size());
    add("active", result.activePositions().length());
  }

  void add(GenerateResult result) {
    add("prompt_tokens", result.rows().prompt());
    add("reused", result.rows().reused());
    add("recomputed", result.rows().recomputed());
    add("computed", result.rows().computed());
    add("new_tokens", result.newTokenCount());
    addMillis("queue_ms", result.durations().queueNanos());
    addMillis("kv_load_busy_ms", result.durations().kvLoad().busyNanos());
    addMillis("kv_load_wait_ms", result.durations().kvLoad().waitNanos());
    addMillis("prefill_ms", result.durations().prefillNanos());
    addMillis("ttft_ms", result.durations().ttftNanos());
    addMillis("decode_ms", result.durations().decodeNanos());
    line.append(" end=").append(result.reason().name().toLowerCase(Locale.ROOT));
  }

  void write(Status status) {
    addMillis("total_ms", ticker.read() - startNanos);
    line.append(" status=").append(status.getCode());
    if (status.getDescription() != null) {
      line.append(" message=\"").append(quotable(status.getDescription())).append('"');
    }
    log.info("{}", line);
  }

  private void add(String key, long value) {
    line.append(' ').append(key).append('=').append(value);
  }

  private void addMillis(String key, long nanos) {
    line.append(' ')
        .append(key)
        .append('=')
        .append(String.format(Locale.ROOT, "%.3f", nanos / 1e6));
  }

  private static String quotable(String text) {
    return text.replace("\\", "\\\\").replace("\"", "\\\"");
  }
}
