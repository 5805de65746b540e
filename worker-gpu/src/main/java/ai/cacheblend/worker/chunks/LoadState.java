package ai.cacheblend.worker.chunks;

/** Whether the KV of a chunk on the device can be used. Thread-safe. */
final class LoadState {
  /** Of chunks that the device has computed. */
  static final LoadState COMPUTED = new LoadState();

  private volatile boolean failed;

  /** Before steps stop waiting for the missing layers, so that their results are discarded. */
  void fail() {
    failed = true;
  }

  boolean failed() {
    return failed;
  }
}
