package ai.cacheblend.orchestrator.load;

import com.google.common.primitives.ImmutableIntArray;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Chooses the worker of a request: the one that holds most of its chunks, unless it has many more
 * requests in progress than another one.
 */
final class Router {
  /** Most requests in progress above those of the worker with the fewest. */
  static final int MAX_IMBALANCE = 4;

  private final List<Target> targets;

  Router(List<Target> targets) {
    this.targets = List.copyOf(targets);
  }

  /**
   * The worker for a prompt; empty if all are lost.
   *
   * @param chunkIds chunks that the arm reads; empty for arms that read none
   */
  Optional<Target> choose(ImmutableIntArray chunkIds) {
    List<Target> alive = targets.stream().filter(target -> target.lost().isEmpty()).toList();
    int fewest = alive.stream().mapToInt(Target::outstanding).min().orElse(0);
    return alive.stream()
        .filter(target -> target.outstanding() <= fewest + MAX_IMBALANCE)
        .max(
            Comparator.<Target>comparingInt(target -> target.storedOf(chunkIds))
                .thenComparingInt(target -> -target.outstanding()));
  }

  List<Target> targets() {
    return targets;
  }
}
