package ai.cacheblend.orchestrator.run;

import ai.cacheblend.metrics.ConfidenceSequence;
import ai.cacheblend.metrics.NonInferiorityRule;
import ai.cacheblend.metrics.PairedDifference;
import ai.cacheblend.metrics.SpeedUp;
import com.google.common.primitives.ImmutableDoubleArray;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The Pareto frontier of speed and quality: a candidate is on it if no other candidate is at least
 * as good in both means and better in one.
 */
public final class Frontier {

  /**
   * Measurements of one arm.
   *
   * @param seconds of each prompt; candidates are paired by index
   * @param scores of each sample, likewise
   */
  record Candidate(ImmutableDoubleArray seconds, ImmutableDoubleArray scores) {

    /** Geometric mean, as for speed-ups. */
    double meanLogSeconds() {
      return seconds.stream().map(Math::log).average().orElseThrow();
    }

    double meanScore() {
      return scores.stream().average().orElseThrow();
    }

    boolean beats(Candidate other) {
      return meanLogSeconds() <= other.meanLogSeconds()
          && meanScore() >= other.meanScore()
          && (meanLogSeconds() < other.meanLogSeconds() || meanScore() > other.meanScore());
    }

    /**
     * Whether it is better in one of the two beyond the 95 % interval of the difference: the t
     * interval of the log ratios of times, and the confidence sequence of the differences of
     * scores. A t interval of score differences that are all equal has no width.
     */
    boolean resolvedAhead(Candidate other) {
      return SpeedUp.ofPairs(other.seconds.toArray(), seconds.toArray()).low95() > 1
          || ConfidenceSequence.of(
                      PairedDifference.differences(scores.toArray(), other.scores.toArray()),
                      NonInferiorityRule.ALPHA)
                  .low()
              > 0;
    }
  }

  /**
   * Position of a candidate.
   *
   * @param onFrontier by the means
   * @param resolved on the frontier: it is better than each other candidate in one of the two
   *     beyond the 95 % interval. Off the frontier: a candidate that dominates it is
   */
  public record Place(boolean onFrontier, boolean resolved) {}

  private final List<Candidate> candidates;

  Frontier(List<Candidate> candidates) {
    this.candidates = List.copyOf(candidates);
  }

  Place place(int index) {
    Candidate candidate = candidates.get(index);
    List<Candidate> others =
        IntStream.range(0, candidates.size())
            .filter(i -> i != index)
            .mapToObj(candidates::get)
            .toList();
    List<Candidate> beaters = others.stream().filter(other -> other.beats(candidate)).toList();
    return beaters.isEmpty()
        ? new Place(true, others.stream().allMatch(candidate::resolvedAhead))
        : new Place(false, beaters.stream().anyMatch(other -> other.resolvedAhead(candidate)));
  }
}
