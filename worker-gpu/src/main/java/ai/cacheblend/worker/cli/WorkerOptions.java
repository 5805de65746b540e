package ai.cacheblend.worker.cli;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;

/**
 * What a worker is to be.
 *
 * @param threadCount compute threads on the CPU
 * @param checkLayers empty: those of the export
 */
record WorkerOptions(
    String model,
    DeviceName device,
    String host,
    int port,
    int threadCount,
    MemoryPlan.Wish memory,
    int queueCapacity,
    List<Integer> checkLayers,
    Duration drain) {

  WorkerOptions {
    requireNonNull(model, "model is null");
    requireNonNull(device, "device is null");
    requireNonNull(host, "host is null");
    requireNonNull(memory, "memory is null");
    checkArgument(port >= 0 && port <= 65535, "--port is %s; give 0 to 65535", port);
    checkArgument(threadCount >= 1, "--threads is %s; give 1 or more", threadCount);
    checkArgument(queueCapacity >= 1, "--queue is %s; give 1 or more", queueCapacity);
    checkArgument(!drain.isNegative(), "--drain-seconds is %s; give 0 or more", drain.toSeconds());
    checkLayers = List.copyOf(checkLayers);
  }
}
