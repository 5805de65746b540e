package ai.cacheblend.worker.model;

import static com.google.common.base.Preconditions.checkArgument;

/** The device that runs a model. */
public sealed interface ComputeDevice {

  /**
   * The CPU.
   *
   * @param threadCount compute threads
   */
  record Cpu(int threadCount) implements ComputeDevice {
    public Cpu {
      checkArgument(threadCount >= 1, "thread count is %s, must be 1 or more", threadCount);
    }
  }

  /**
   * A CUDA device.
   *
   * @param ordinal CUDA ordinal among the visible devices
   * @param arenaByteCount device memory for weights and activations, without KV
   */
  record Cuda(int ordinal, long arenaByteCount) implements ComputeDevice {
    public Cuda {
      checkArgument(ordinal >= 0, "ordinal is %s, must be 0 or more", ordinal);
      checkArgument(arenaByteCount > 0, "arena of %s bytes, must be 1 or more", arenaByteCount);
    }
  }
}
