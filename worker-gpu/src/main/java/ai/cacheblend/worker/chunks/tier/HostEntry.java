package ai.cacheblend.worker.chunks.tier;

import ai.cacheblend.worker.chunks.ChunkKey;
import com.google.errorprone.annotations.concurrent.GuardedBy;

/** A chunk in host memory whose layers arrive in ascending order. */
final class HostEntry {
  private enum State {
    FILLING,
    COMPLETE,
    FAILED
  }

  final ChunkKey key;
  final KvForm form;
  final long offset;

  /** Guarded by the tier. */
  int leaseCount;

  /** Whether the tier no longer lists the entry. Guarded by the tier. */
  boolean removed;

  @GuardedBy("this")
  private TierKind origin;

  @GuardedBy("this")
  private State state = State.FILLING;

  @GuardedBy("this")
  private int arrivedLayerCount;

  HostEntry(ChunkKey key, KvForm form, long offset, TierKind origin) {
    this.key = key;
    this.form = form;
    this.offset = offset;
    this.origin = origin;
  }

  synchronized void arrived(int layer) {
    arrivedLayerCount = layer + 1;
    notifyAll();
  }

  synchronized void end(boolean complete) {
    state = complete ? State.COMPLETE : State.FAILED;
    if (complete) {
      arrivedLayerCount = form.layerCount();
    }
    notifyAll();
  }

  /** Waits for a layer. False if it will not arrive. */
  synchronized boolean awaitLayer(int layer) {
    boolean interrupted = false;
    try {
      while (state == State.FILLING && arrivedLayerCount <= layer) {
        try {
          wait();
        } catch (InterruptedException e) {
          interrupted = true; // the filler ends within its own time limit
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    return arrivedLayerCount > layer && state != State.FAILED;
  }

  /** Bytes that have not arrived yet. */
  synchronized long missingByteCount() {
    return (long) (form.layerCount() - arrivedLayerCount) * form.layerByteCount();
  }

  synchronized TierKind origin() {
    return origin;
  }

  /** Where the chunk came from, for its first user; host memory for later ones. */
  synchronized TierKind takeOrigin() {
    TierKind taken = origin;
    origin = TierKind.HOST;
    return taken;
  }
}
