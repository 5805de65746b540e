package ai.cacheblend.worker.cli;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.OptionalLong;

/**
 * How a device's memory is shared out.
 *
 * @param kvTokenCount tokens that running requests can hold
 * @param chunkByteCount stored chunks
 * @param arenaByteCount activations (CUDA only)
 */
record MemoryPlan(long kvTokenCount, long chunkByteCount, long arenaByteCount) {
  private static final long DEFAULT_CHUNK_BYTES = 4L << 30;

  /** What CUDA's context, cuBLAS and attention take beside weights, KV and activations. */
  private static final long CUDA_OVERHEAD_BYTES = 1L << 30;

  private static final long LEAST_ARENA_BYTES = 64L << 20;

  /** What is wished for; absent values follow from model and memory. */
  record Wish(OptionalLong kvByteCount, OptionalLong chunkByteCount) {
    Wish {
      kvByteCount.ifPresent(
          bytes -> checkArgument(bytes > 0, "--kv-memory is %s; give 1 or more bytes", bytes));
    }
  }

  /** What a model needs of a device. */
  record Need(int maxPositionCount, long kvBytesPerToken, long weightByteCount) {}

  /** By default KV for the positions of the model, within half of the free memory. */
  static MemoryPlan ofHost(Wish wish, Need need, long freeByteCount) {
    long kvBytes =
        wish.kvByteCount()
            .orElse(Math.min(need.maxPositionCount() * need.kvBytesPerToken(), freeByteCount / 2));
    return new MemoryPlan(
        tokens(kvBytes, need),
        wish.chunkByteCount().orElse(Math.min(DEFAULT_CHUNK_BYTES, freeByteCount / 4)),
        0);
  }

  /**
   * By default KV for what the model can use, and no more than a quarter of what the weights leave;
   * half of the rest for chunks; all other memory for activations.
   */
  static MemoryPlan ofCuda(Wish wish, Need need, long freeByteCount) {
    long left = freeByteCount - need.weightByteCount() - CUDA_OVERHEAD_BYTES;
    checkArgument(
        left > 0,
        "the device has %s bytes free, and the weights take %s; free some, or take a smaller model",
        freeByteCount,
        need.weightByteCount());
    long kvBytes =
        wish.kvByteCount()
            .orElse(Math.min(need.maxPositionCount() * need.kvBytesPerToken(), left / 4));
    long chunkBytes = wish.chunkByteCount().orElse(Math.max(0, (left - kvBytes) / 2));
    long arenaBytes = left - kvBytes - chunkBytes;
    checkArgument(
        arenaBytes >= LEAST_ARENA_BYTES,
        "--kv-memory %s and --chunk-memory %s leave too little of the device's %s free bytes for"
            + " weights (%s) and activations; give less",
        kvBytes,
        chunkBytes,
        freeByteCount,
        need.weightByteCount());
    return new MemoryPlan(tokens(kvBytes, need), chunkBytes, arenaBytes);
  }

  private static long tokens(long kvBytes, Need need) {
    long tokens = kvBytes / need.kvBytesPerToken();
    checkArgument(
        tokens > 0,
        "--kv-memory is %s, but one token takes %s bytes; give more",
        kvBytes,
        need.kvBytesPerToken());
    return tokens;
  }
}
