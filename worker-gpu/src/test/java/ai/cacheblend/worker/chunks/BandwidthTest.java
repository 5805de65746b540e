package ai.cacheblend.worker.chunks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.common.base.Ticker;
import java.time.Duration;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

final class BandwidthTest {
  private static final Offset<Double> ROUNDING = within(1e-6);

  /** Of transfers that end a second apart. */
  private static final Offset<Double> DECAY = within(10.);

  private long now = 7;
  private final Bandwidth bandwidth =
      new Bandwidth(
          new Ticker() {
            @Override
            public long read() {
              return now;
            }
          });

  @Test
  void unknownBeforeBytesHaveMoved() {
    bandwidth.begin();
    pass(1);
    bandwidth.end(0);

    assertThat(bandwidth.bytesPerSecond()).isEmpty();
  }

  @Test
  void overlappingTransfersShareTheirTime() {
    bandwidth.begin();
    pass(1);
    bandwidth.begin();
    pass(1);
    bandwidth.end(300);
    pass(1);
    bandwidth.end(300);
    pass(1000); // idle

    assertThat(bandwidth.bytesPerSecond()).hasValueCloseTo(200., DECAY);
  }

  /** Half as much for each five seconds that have passed since. */
  @Test
  void olderTransfersCountLess() {
    bandwidth.add(1000, seconds(1));
    pass(10);
    bandwidth.add(100, seconds(1));

    assertThat(bandwidth.bytesPerSecond()).hasValueCloseTo((250 + 100) / 1.25, ROUNDING);
  }

  @Test
  void rateLastsWhileNothingIsTransferred() {
    bandwidth.add(500, seconds(2));
    pass(3600);

    assertThat(bandwidth.bytesPerSecond()).hasValueCloseTo(250., ROUNDING);
  }

  private void pass(long seconds) {
    now += seconds(seconds);
  }

  private static long seconds(long seconds) {
    return Duration.ofSeconds(seconds).toNanos();
  }
}
