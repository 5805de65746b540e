package ai.cacheblend.orchestrator.client;

import static io.grpc.netty.shaded.io.netty.channel.SelectStrategy.SELECT;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Ticker;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AlertSelectTest {
  private long nanos = 1_000;
  private int readyCount;
  private final AlertSelect select =
      new AlertSelect(
          new Ticker() {
            @Override
            public long read() {
              return nanos;
            }
          });

  @BeforeEach
  void beAlert() {
    select.setAlertness(Duration.ofNanos(100));
  }

  @Test
  void sleepsUnlessItIsToldNotTo() throws Exception {
    select.setAlertness(Duration.ZERO);

    assertThat(at(1_000, 0, false)).isEqualTo(SELECT);
    assertThat(at(1_000, 2, true)).isEqualTo(2);
    assertThat(at(1_001, 0, false)).isEqualTo(SELECT);
  }

  @Test
  void looksForMoreForAWhileAndThenSleeps() throws Exception {
    assertThat(at(1_000, 0, false)).isZero();
    assertThat(at(1_099, 0, false)).isZero();
    assertThat(at(1_100, 0, false)).isEqualTo(SELECT);
  }

  @Test
  void whatIsReadyOrToDoKeepsItAwake() throws Exception {
    assertThat(at(1_000, 0, false)).isZero();
    assertThat(at(1_090, 3, false)).isEqualTo(3);
    assertThat(at(1_180, 0, true)).isZero();
    assertThat(at(1_279, 0, false)).isZero();
    assertThat(at(1_280, 0, false)).isEqualTo(SELECT);
  }

  @Test
  void anotherAlertnessHoldsAtOnce() throws Exception {
    assertThat(at(1_000, 0, false)).isZero();
    select.setAlertness(Duration.ofNanos(10));
    assertThat(at(1_009, 0, false)).isZero();
    assertThat(at(1_010, 0, false)).isEqualTo(SELECT);
  }

  @Test
  void beingWokenUpMakesItAlertAgain() throws Exception {
    assertThat(at(1_000, 0, false)).isZero();
    assertThat(at(1_100, 0, false)).isEqualTo(SELECT);
    // What woke it up was dealt with without asking here.
    assertThat(at(9_000, 0, false)).isZero();
    assertThat(at(9_099, 0, false)).isZero();
    assertThat(at(9_100, 0, false)).isEqualTo(SELECT);
  }

  private int at(long time, int ready, boolean hasTasks) throws Exception {
    nanos = time;
    readyCount = ready;
    return select.calculateStrategy(() -> readyCount, hasTasks);
  }
}
