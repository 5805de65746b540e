package ai.cacheblend.worker.chunks;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Ticker;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class LoadPaceTest {
  private final AtomicLong clock = new AtomicLong();

  @Test
  void bytesArriveAtTheRate() {
    LoadPace pace = pace(OptionalLong.of(1000));
    pace.await(500);
    assertThat(clock.get()).isEqualTo(500_000_000);
    clock.addAndGet(2_000_000_000); // slower than the limit
    pace.await(1000);
    assertThat(clock.get()).isEqualTo(2_500_000_000L);
    pace.await(2000);
    assertThat(clock.get()).isEqualTo(3_500_000_000L);
  }

  @Test
  void withoutLimitNothingWaits() {
    pace(OptionalLong.empty()).await(Long.MAX_VALUE);

    assertThat(clock.get()).isZero();
  }

  @Test
  void interruptedThreadDoesNotWait() {
    LoadPace pace = pace(OptionalLong.of(1));
    Thread.currentThread().interrupt();

    pace.await(1_000_000);

    assertThat(Thread.interrupted()).isTrue();
    assertThat(clock.get()).isZero();
  }

  /** A thread can wake up early. */
  private LoadPace pace(OptionalLong bytesPerSecond) {
    Ticker ticker =
        new Ticker() {
          @Override
          public long read() {
            return clock.get();
          }
        };
    return new LoadPace(bytesPerSecond, ticker, nanos -> clock.addAndGet((nanos + 1) / 2));
  }
}
