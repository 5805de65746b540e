package ai.cacheblend.worker.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Ticker;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RefusalLogTest {
  private final AtomicLong nanos = new AtomicLong(5);
  private final RefusalLog log =
      new RefusalLog(
          new Ticker() {
            @Override
            public long read() {
              return nanos.get();
            }
          });

  @Test
  void tenLinesPerSecondAreWrittenAndTheOthersCounted() {
    for (int line = 0; line < 10; line++) {
      assertThat(log.admit()).isZero();
    }
    nanos.addAndGet(999_999_999);
    for (int line = 0; line < 7; line++) {
      assertThat(log.admit()).isNegative();
    }
    nanos.addAndGet(1);

    assertThat(log.admit()).isEqualTo(7);
    assertThat(log.admit()).isZero();
  }
}
