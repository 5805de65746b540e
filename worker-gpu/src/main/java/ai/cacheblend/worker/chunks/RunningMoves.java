package ai.cacheblend.worker.chunks;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** Moves of chunks between tiers that run in the background. Thread-safe. */
final class RunningMoves {
  /** By identity: futures have no equality of their own. */
  private final Map<Object, CompletableFuture<?>> moves = new ConcurrentHashMap<>();

  void add(CompletableFuture<?> move) {
    Object id = new Object();
    moves.put(id, move);
    var unused = move.whenComplete((result, failure) -> moves.remove(id));
  }

  /** Waits for the moves that run now, whether they succeed or fail. */
  void await() {
    CompletableFuture.allOf(moves.values().toArray(CompletableFuture[]::new))
        .exceptionally(failure -> null)
        .join();
  }
}
