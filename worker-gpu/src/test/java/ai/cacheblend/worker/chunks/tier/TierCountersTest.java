package ai.cacheblend.worker.chunks.tier;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Ticker;
import org.junit.jupiter.api.Test;

class TierCountersTest {
  private long nanos = 1000;

  private final TierCounters counters =
      new TierCounters(
          new Ticker() {
            @Override
            public long read() {
              return nanos;
            }
          });

  @Test
  void overlappingTransfersCountTheirTimeOnce() {
    counters.beginRead();
    nanos += 10;
    counters.beginRead();
    nanos += 5;
    counters.endRead(true, 100);
    nanos += 5;
    counters.endRead(false, 30);
    nanos += 1000;
    counters.beginWrite();
    nanos += 7;
    counters.endWrite(200);

    assertThat(counters.statistics(TierKind.DISK, 1, 2, 3))
        .isEqualTo(new TierStatistics(TierKind.DISK, 1, 2, 3, 1, 1, 0, 0, 130, 20, 200, 7));
  }
}
