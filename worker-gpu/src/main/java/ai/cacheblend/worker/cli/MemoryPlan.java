package ai.cacheblend.worker.cli;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.OptionalLong;

/**
 * Division of the memory of a device.
 *
 * @param kvTokenCount capacity for KV of running requests, in tokens
 * @param chunkByteCount capacity of the chunk store
 * @param arenaByteCount memory for activations; 0 for the CPU
 */
record MemoryPlan(long kvTokenCount, long chunkByteCount, long arenaByteCount) {
  private static final long DEFAULT_CHUNK_BYTES = 4L << 30;

  /** CUDA context, cuBLAS workspaces and attention scratch. */
  private static final long CUDA_OVERHEAD_BYTES = 1L << 30;

  /** Mean length of concurrent requests that the default KV memory is enough for. */
  private static final int HOST_SEQUENCE_TOKENS = 512;

  private static final int CUDA_SEQUENCE_TOKENS = 4096;

  private static final long MIN_ARENA_BYTES = 64L << 20;

  /** Values of the command line; empty values are derived from model and memory. */
  record Requested(OptionalLong kvByteCount, OptionalLong chunkByteCount) {
    Requested {
      kvByteCount.ifPresent(
          bytes -> checkArgument(bytes > 0, "--kv-memory is %s; set it to 1 byte or more", bytes));
    }
  }

  /** Memory requirements of a model that answers several requests at once. */
  record Required(
      int maxPositionCount, int maxSequences, long kvBytesPerToken, long weightByteCount) {
    /** KV for all positions of the model, or for all sequences if that is more. */
    private long kvByteCount(int sequenceTokens) {
      return Math.max(maxPositionCount, (long) maxSequences * sequenceTokens) * kvBytesPerToken;
    }
  }

  /** Default: KV as {@link Required} describes, at most half of the free memory. */
  static MemoryPlan ofHost(Requested requested, Required required, long freeByteCount) {
    long kvBytes =
        requested
            .kvByteCount()
            .orElse(Math.min(required.kvByteCount(HOST_SEQUENCE_TOKENS), freeByteCount / 2));
    return new MemoryPlan(
        tokens(kvBytes, required),
        requested.chunkByteCount().orElse(Math.min(DEFAULT_CHUNK_BYTES, freeByteCount / 4)),
        0);
  }

  /**
   * Default: KV as {@link Required} describes, at most a quarter of the memory that the weights
   * leave; half of the rest for chunks; the remaining memory for activations.
   */
  static MemoryPlan ofCuda(Requested requested, Required required, long freeByteCount) {
    long available = freeByteCount - required.weightByteCount() - CUDA_OVERHEAD_BYTES;
    checkArgument(
        available > 0,
        "the device has %s bytes free, but the weights take %s; free device memory, or use a smaller model",
        freeByteCount,
        required.weightByteCount());
    long kvBytes =
        requested
            .kvByteCount()
            .orElse(Math.min(required.kvByteCount(CUDA_SEQUENCE_TOKENS), available / 4));
    long chunkBytes = requested.chunkByteCount().orElse(Math.max(0, (available - kvBytes) / 2));
    long arenaBytes = available - kvBytes - chunkBytes;
    checkArgument(
        arenaBytes >= MIN_ARENA_BYTES,
        "--kv-memory is %s and --chunk-memory is %s, which leaves too little of %s free bytes for"
            + " weights (%s bytes) and activations; reduce them",
        kvBytes,
        chunkBytes,
        freeByteCount,
        required.weightByteCount());
    return new MemoryPlan(tokens(kvBytes, required), chunkBytes, arenaBytes);
  }

  private static long tokens(long kvBytes, Required required) {
    long tokens = kvBytes / required.kvBytesPerToken();
    checkArgument(
        tokens > 0,
        "--kv-memory is %s, but one token takes %s bytes; increase it",
        kvBytes,
        required.kvBytesPerToken());
    return tokens;
  }
}
