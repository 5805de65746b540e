package ai.cacheblend.orchestrator.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.primitives.ImmutableDoubleArray;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class FrontierTest {
  private static final Frontier.Place ON = new Frontier.Place(true, true);
  private static final Frontier.Place OFF = new Frontier.Place(false, true);

  @Test
  void dominatedCandidateIsNotOnTheFrontier() {
    Frontier frontier =
        new Frontier(
            List.of(
                candidate(0.40, 0.9),
                candidate(0.10, 0.8),
                candidate(0.20, 0.7),
                candidate(0.05, 0.5)));

    assertThat(frontier.place(0)).isEqualTo(ON);
    assertThat(frontier.place(1)).isEqualTo(ON);
    assertThat(frontier.place(2)).isEqualTo(OFF);
    assertThat(frontier.place(3)).isEqualTo(ON);
  }

  @Test
  void equalInOneAndBetterInTheOtherDominates() {
    Frontier frontier =
        new Frontier(List.of(candidate(0.2, 0.8), candidate(0.1, 0.8), candidate(0.1, 0.7)));

    assertThat(frontier.place(0)).isEqualTo(OFF);
    assertThat(frontier.place(1)).isEqualTo(ON);
    assertThat(frontier.place(2)).isEqualTo(OFF);
  }

  @Test
  void equalCandidatesAreBothOnTheFrontierUnresolved() {
    Frontier frontier = new Frontier(List.of(candidate(0.1, 0.8), candidate(0.1, 0.8)));

    assertThat(frontier.place(0)).isEqualTo(new Frontier.Place(true, false));
    assertThat(frontier.place(1)).isEqualTo(new Frontier.Place(true, false));
  }

  @Test
  void resolutionRequiresEveryOtherCandidate() {
    Frontier frontier =
        new Frontier(List.of(candidate(0.4, 0.9), candidate(0.1, 0.8), candidate(0.1, 0.8)));

    assertThat(frontier.place(0)).isEqualTo(ON);
    // Surely ahead of the first, not of its like.
    assertThat(frontier.place(1)).isEqualTo(new Frontier.Place(true, false));
  }

  @Test
  void differencesWithinTheIntervalsAreNotResolved() {
    // A little faster and better on average, not on every prompt and sample.
    Frontier.Candidate one = of(List.of(0.10, 0.12, 0.09), List.of(0.5, 1.0, 0.5));
    Frontier.Candidate other = of(List.of(0.11, 0.10, 0.12), List.of(1.0, 0.0, 0.5));
    Frontier frontier = new Frontier(List.of(one, other));

    assertThat(frontier.place(0)).isEqualTo(new Frontier.Place(true, false));
    assertThat(frontier.place(1)).isEqualTo(new Frontier.Place(false, false));
  }

  @Test
  void oneTrialIsNotResolved() {
    Frontier frontier =
        new Frontier(List.of(of(List.of(0.1), List.of(1.0)), of(List.of(0.2), List.of(0.5))));

    assertThat(frontier.place(0)).isEqualTo(new Frontier.Place(true, false));
    assertThat(frontier.place(1)).isEqualTo(new Frontier.Place(false, false));
  }

  @Test
  void fewEqualScoreDifferencesAreNotResolved() {
    // The interval of the speed-up spans 0.6 to 1.9; both samples differ by 0.5.
    Frontier frontier =
        new Frontier(
            List.of(
                of(List.of(0.10, 0.11), List.of(1.0, 1.0)),
                of(List.of(0.11, 0.11), List.of(0.5, 0.5))));

    assertThat(frontier.place(0)).isEqualTo(new Frontier.Place(true, false));
    assertThat(frontier.place(1)).isEqualTo(new Frontier.Place(false, false));
  }

  /** Differences to others are the same in all trials and samples. */
  private static Frontier.Candidate candidate(double seconds, double score) {
    return of(
        List.of(seconds, 2 * seconds, 3 * seconds),
        IntStream.range(0, 120).mapToObj(i -> score - 0.25 * (i % 3)).toList());
  }

  private static Frontier.Candidate of(List<Double> seconds, List<Double> scores) {
    return new Frontier.Candidate(
        ImmutableDoubleArray.copyOf(seconds), ImmutableDoubleArray.copyOf(scores));
  }
}
