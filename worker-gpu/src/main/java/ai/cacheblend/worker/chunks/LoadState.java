package ai.cacheblend.worker.chunks;

import ai.cacheblend.worker.chunks.tier.TierKind;
import java.util.concurrent.atomic.AtomicReference;

/** How the KV of a chunk came to the device. Thread-safe. */
final class LoadState {
  /** Of chunks that the device has computed. */
  static final LoadState COMPUTED = new LoadState(TierKind.DEVICE);

  private final AtomicReference<TierKind> origin;
  private volatile boolean failed;

  LoadState(TierKind origin) {
    this.origin = new AtomicReference<>(origin);
  }

  /** Where the chunk came from, for its first user; the device for later ones. */
  TierKind takeOrigin() {
    return origin.getAndSet(TierKind.DEVICE);
  }

  /** Before steps stop waiting for the missing layers, so that their results are discarded. */
  void fail() {
    failed = true;
  }

  boolean failed() {
    return failed;
  }
}
