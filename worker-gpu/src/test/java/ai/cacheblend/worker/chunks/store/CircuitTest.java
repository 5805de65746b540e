package ai.cacheblend.worker.chunks.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Ticker;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class CircuitTest {
  private final AtomicLong nanos = new AtomicLong();
  private final Circuit circuit =
      new Circuit(
          new Ticker() {
            @Override
            public long read() {
              return nanos.get();
            }
          });

  @Test
  void allowsCallsUntilOneFails() {
    assertThat(circuit.allows()).isTrue();
    assertThat(circuit.succeeded()).isFalse();
    assertThat(circuit.failed()).isTrue();
    assertThat(circuit.allows()).isFalse();
  }

  @Test
  void triesOnceAfterASecond() {
    circuit.failed();
    pass(Duration.ofMillis(999));
    assertThat(circuit.allows()).isFalse();
    pass(Duration.ofMillis(1));
    assertThat(circuit.allows()).isTrue();
    assertThat(circuit.allows()).isFalse();
    assertThat(circuit.succeeded()).isTrue();
    assertThat(circuit.allows()).isTrue();
  }

  @Test
  void waitsDoubleUpToAMinute() {
    circuit.failed();
    for (int seconds : new int[] {1, 2, 4, 8, 16, 32, 60, 60}) {
      pass(Duration.ofSeconds(seconds).minusNanos(1));
      assertThat(circuit.allows()).as("%d s", seconds).isFalse();
      pass(Duration.ofNanos(1));
      assertThat(circuit.allows()).as("%d s", seconds).isTrue();
      assertThat(circuit.failed()).isFalse();
    }
  }

  @Test
  void callsThatFailTogetherCountOnce() {
    assertThat(circuit.failed()).isTrue();
    assertThat(circuit.failed()).isFalse();
    assertThat(circuit.failed()).isFalse();
    pass(Duration.ofSeconds(1));
    assertThat(circuit.allows()).isTrue();
  }

  @Test
  void anAttemptWithoutResultIsRepeatedAfterTheSameTime() {
    circuit.failed();
    pass(Duration.ofSeconds(1));
    assertThat(circuit.allows()).isTrue();
    pass(Duration.ofSeconds(1));
    assertThat(circuit.allows()).isTrue();
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }
}
