package ai.cacheblend.orchestrator.run;

import java.util.List;

/**
 * What earlier sessions of a run left.
 *
 * @param session number of the session that now begins
 * @param results whole blocks, which are not run again
 */
public record Earlier<R>(int session, List<R> results) {
  public Earlier {
    results = List.copyOf(results);
  }

  /** A run that begins. */
  public static <R> Earlier<R> none() {
    return new Earlier<>(0, List.of());
  }
}
