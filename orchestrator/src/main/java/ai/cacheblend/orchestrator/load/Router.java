package ai.cacheblend.orchestrator.load;

import ai.cacheblend.orchestrator.plan.Arm;
import com.google.common.primitives.ImmutableIntArray;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Chooses the worker of a request: the one that holds most of its chunks, or for {@code
 * prefix_caching} the one that got a prompt with the longest common beginning, unless it has many
 * more requests in progress than another one.
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
   * @param chunkIds chunks of the prompt
   */
  Optional<Target> choose(Arm arm, ImmutableIntArray chunkIds) {
    List<Target> alive = targets.stream().filter(target -> target.lost().isEmpty()).toList();
    int fewest = alive.stream().mapToInt(Target::outstanding).min().orElse(0);
    return alive.stream()
        .filter(target -> target.outstanding() <= fewest + MAX_IMBALANCE)
        .max(
            Comparator.<Target>comparingInt(target -> reusable(target, arm, chunkIds))
                .thenComparingInt(target -> -target.outstanding()));
  }

  /** Chunks of the prompt whose KV the arm reuses. */
  private static int reusable(Target target, Arm arm, ImmutableIntArray chunkIds) {
    if (arm instanceof Arm.PrefixCaching) {
      return target.prefixes().commonChunks(chunkIds);
    }
    return arm.readsChunks() ? target.storedOf(chunkIds) : 0;
  }

  List<Target> targets() {
    return targets;
  }
}
