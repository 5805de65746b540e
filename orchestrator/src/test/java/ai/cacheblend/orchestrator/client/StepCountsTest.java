package ai.cacheblend.orchestrator.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.primitives.ImmutableLongArray;
import org.junit.jupiter.api.Test;

class StepCountsTest {
  private static final StepCounts EARLIER = counts(2, 9, 3, longs(1, 1), longs(1, 0, 0, 1));
  private static final StepCounts LATER = counts(5, 30, 10, longs(2, 2, 1), longs(2, 1, 1, 1));

  @Test
  void differenceHasTheStepsInBetween() {
    assertThat(LATER.since(EARLIER)).isEqualTo(counts(3, 21, 7, longs(1, 1, 1), longs(1, 1, 1)));
    assertThat(LATER.since(LATER)).isEqualTo(StepCounts.NONE);
    assertThat(LATER.since(StepCounts.NONE)).isEqualTo(LATER);
  }

  @Test
  void countsOfAWorkerThatStartedAgainAreNotNegative() {
    assertThat(EARLIER.since(LATER)).isEqualTo(StepCounts.NONE);
    assertThat(StepCounts.NONE.since(LATER)).isEqualTo(StepCounts.NONE);
    assertThat(counts(9, 90, 30, longs(9), longs(9)).since(LATER)).isEqualTo(StepCounts.NONE);
  }

  @Test
  void sumIsThatOfTwoWorkers() {
    assertThat(EARLIER.plus(LATER))
        .isEqualTo(counts(7, 39, 13, longs(3, 3, 1), longs(3, 1, 1, 2)))
        .isEqualTo(LATER.plus(EARLIER));
  }

  private static StepCounts counts(
      long steps,
      long rows,
      long sequences,
      ImmutableLongArray bySequences,
      ImmutableLongArray byRows) {
    return new StepCounts(steps, rows, sequences, bySequences, byRows);
  }

  private static ImmutableLongArray longs(long... values) {
    return ImmutableLongArray.copyOf(values);
  }
}
