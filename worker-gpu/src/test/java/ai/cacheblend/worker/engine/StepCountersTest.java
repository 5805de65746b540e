package ai.cacheblend.worker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.primitives.ImmutableLongArray;
import org.junit.jupiter.api.Test;

class StepCountersTest {
  private final StepCounters counters = new StepCounters();

  @Test
  void countsStepsByPowersOfTwo() {
    assertThat(counters.read().stepCount()).isZero();
    counters.add(1, 1);
    counters.add(1, 7);
    counters.add(3, 8);
    counters.add(32, 1536);

    StepStatistics steps = counters.read();
    assertThat(steps.stepCount()).isEqualTo(4);
    assertThat(steps.rowCount()).isEqualTo(1552);
    assertThat(steps.sequenceCount()).isEqualTo(37);
    assertThat(steps.stepsBySequences()).isEqualTo(ImmutableLongArray.of(2, 1, 0, 0, 0, 1));
    assertThat(steps.stepsByRows())
        .isEqualTo(ImmutableLongArray.of(1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 1));
  }
}
