package ai.cacheblend.worker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LaunchTimerTest {
  private static final long MILLI = 1_000_000;

  private final LaunchTimer timer = new LaunchTimer();

  @Test
  void successorIsDueAtOnceUntilADurationIsKnown() {
    timer.began(10 * MILLI, 4);
    assertThat(timer.dueNanos()).isEqualTo(10 * MILLI);
  }

  @Test
  void successorIsDueShortlyBeforeTheExpectedEnd() {
    timer.began(0, 4);
    timer.ended(8 * MILLI);
    timer.began(9 * MILLI, 4);
    assertThat(timer.dueNanos()).isBetween(15 * MILLI, 16_500_000L);
  }

  @Test
  void stepOfFewerSequencesTakesAtLeastTheirShare() {
    timer.began(0, 4);
    timer.ended(8 * MILLI);
    timer.began(8 * MILLI, 4);
    long due = timer.dueNanos();

    timer.began(8 * MILLI, 3);
    assertThat(timer.dueNanos()).isEqualTo(due - 2 * MILLI);
    timer.began(8 * MILLI, 5);
    assertThat(timer.dueNanos()).as("at least as long").isEqualTo(due);
  }
}
