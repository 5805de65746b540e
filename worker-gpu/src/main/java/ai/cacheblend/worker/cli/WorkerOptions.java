package ai.cacheblend.worker.cli;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What a worker is to be; absent values follow from model and machine.
 *
 * @param checkLayers empty: those of the export
 */
record WorkerOptions(
    String model,
    String host,
    int port,
    int threadCount,
    OptionalInt kvTokenCount,
    OptionalLong chunkByteCount,
    int queueCapacity,
    List<Integer> checkLayers,
    Duration drain) {

  private static final long DEFAULT_CHUNK_BYTES = 4L << 30;

  WorkerOptions {
    requireNonNull(model, "model is null");
    requireNonNull(host, "host is null");
    checkArgument(port >= 0 && port <= 65535, "--port is %s; give 0 to 65535", port);
    checkArgument(threadCount >= 1, "--threads is %s; give 1 or more", threadCount);
    kvTokenCount.ifPresent(
        count -> checkArgument(count >= 1, "--kv-tokens is %s; give 1 or more", count));
    checkArgument(queueCapacity >= 1, "--queue is %s; give 1 or more", queueCapacity);
    checkArgument(!drain.isNegative(), "--drain-seconds is %s; give 0 or more", drain.toSeconds());
    checkLayers = List.copyOf(checkLayers);
  }

  long chunkBudget(long memoryByteCount) {
    return chunkByteCount.orElse(Math.min(DEFAULT_CHUNK_BYTES, memoryByteCount / 4));
  }

  /** By default what the model can use, and no more than half the memory holds. */
  long kvTokens(int maxPositionCount, long bytesPerToken, long memoryByteCount) {
    return kvTokenCount.isPresent()
        ? kvTokenCount.getAsInt()
        : Math.min(maxPositionCount, memoryByteCount / 2 / bytesPerToken);
  }
}
