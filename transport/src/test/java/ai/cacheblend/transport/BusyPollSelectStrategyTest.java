package ai.cacheblend.transport;

import static io.grpc.netty.shaded.io.netty.channel.SelectStrategy.SELECT;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class BusyPollSelectStrategyTest {
  private final FakeTicker ticker = new FakeTicker();
  private long busyPollNanos = 100;
  private final BusyPollSelectStrategy strategy =
      new BusyPollSelectStrategy(() -> busyPollNanos, ticker);

  @Test
  void blocksAtOnceWithoutABusyPollDuration() throws Exception {
    busyPollNanos = 0;

    assertThat(at(1_000, 0, false)).isEqualTo(SELECT);
    assertThat(at(1_000, 2, true)).isEqualTo(2);
    assertThat(at(1_001, 0, false)).isEqualTo(SELECT);
  }

  @Test
  void pollsForTheDurationAndThenBlocks() throws Exception {
    assertThat(at(1_000, 0, false)).isZero();
    assertThat(at(1_099, 0, false)).isZero();
    assertThat(at(1_100, 0, false)).isEqualTo(SELECT);
  }

  @Test
  void eventsAndTasksRestartTheDuration() throws Exception {
    assertThat(at(1_000, 0, false)).isZero();
    assertThat(at(1_090, 3, false)).isEqualTo(3);
    assertThat(at(1_180, 0, true)).isZero();
    assertThat(at(1_279, 0, false)).isZero();
    assertThat(at(1_280, 0, false)).isEqualTo(SELECT);
  }

  @Test
  void changedDurationTakesEffectImmediately() throws Exception {
    assertThat(at(1_000, 0, false)).isZero();
    busyPollNanos = 10;
    assertThat(at(1_009, 0, false)).isZero();
    assertThat(at(1_010, 0, false)).isEqualTo(SELECT);
  }

  @Test
  void wakeUpRestartsTheDuration() throws Exception {
    assertThat(at(1_000, 0, false)).isZero();
    assertThat(at(1_100, 0, false)).isEqualTo(SELECT);
    // The event that ended the select is handled without a call of the strategy.
    assertThat(at(9_000, 0, false)).isZero();
    assertThat(at(9_099, 0, false)).isZero();
    assertThat(at(9_100, 0, false)).isEqualTo(SELECT);
  }

  private int at(long nanos, int readyCount, boolean hasTasks) throws Exception {
    ticker.nanos.set(nanos);
    return strategy.calculateStrategy(() -> readyCount, hasTasks);
  }
}
