package ai.cacheblend.worker.kv;

import java.util.OptionalInt;

/**
 * Memory for the next tokens of a step: on the device for the step behind it, which can be launched
 * before they are known, and on the host. One thread can {@link #await} the tokens while another
 * launches that step.
 */
public final class NativeStepTokens implements AutoCloseable {
  private static final int HOST = -1;

  private final NativeHandle handle;

  private NativeStepTokens(long handle) {
    this.handle = new NativeHandle("tokens of a step", handle, Native::closeStepTokens);
  }

  /**
   * Allocates the memory.
   *
   * @param cudaOrdinal empty: the CPU computes
   * @throws KvExhaustedException if the device or the host has too little memory
   */
  public static NativeStepTokens create(OptionalInt cudaOrdinal) {
    NativeLibrary.path();
    return new NativeStepTokens(Native.createStepTokens(cudaOrdinal.orElse(HOST)));
  }

  /** For the graph input of the step that computes them, or refers to them. */
  public long handle() {
    return handle.get();
  }

  /** Whether the device has computed the tokens of the newest step. */
  public boolean arrived() {
    return Native.stepTokensArrived(handle.get());
  }

  /**
   * Waits until the device has computed the tokens of the newest step.
   *
   * @return in the order of the step
   */
  public long[] await() {
    return Native.awaitStepTokens(handle.get());
  }

  @Override
  public void close() {
    handle.close();
  }
}
