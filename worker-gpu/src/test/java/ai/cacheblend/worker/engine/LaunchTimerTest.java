package ai.cacheblend.worker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LaunchTimerTest {
  private static final long MILLI = 1_000_000;

  private final LaunchTimer timer = new LaunchTimer();

  @Test
  void successorIsDueAtOnceUntilADurationIsKnown() {
    timer.launched(MILLI);
    timer.began(10 * MILLI, 4);
    assertThat(timer.dueNanos()).isEqualTo(10 * MILLI);
  }

  @Test
  void successorIsDueBeforeTheExpectedEndByMoreThanALaunch() {
    timer.began(0, 4);
    timer.ended(8 * MILLI, MILLI);
    timer.launched(2 * MILLI);
    timer.began(8 * MILLI, 4);

    assertThat(timer.dueNanos()).isBetween(8 * MILLI, 16 * MILLI - 3 * MILLI);
    timer.began(8 * MILLI, 5);
    assertThat(timer.dueNanos()).as("at least as long").isGreaterThan(10 * MILLI);
  }

  @Test
  void stepOfFewerSequencesTakesAtLeastTheirShare() {
    timer.began(0, 4);
    timer.ended(8 * MILLI, MILLI);
    timer.began(8 * MILLI, 4);
    long due = timer.dueNanos();

    timer.began(8 * MILLI, 3);
    assertThat(timer.dueNanos()).isEqualTo(due - 2 * MILLI);
    timer.began(8 * MILLI, 5);
    assertThat(timer.dueNanos()).isEqualTo(due);
  }

  @Test
  void durationIsNotKnownAfterAStepThatHadEndedBefore() {
    timer.began(0, 4);
    timer.ended(8 * MILLI, 0);
    timer.began(8 * MILLI, 4);
    assertThat(timer.dueNanos()).isEqualTo(8 * MILLI);
  }
}
