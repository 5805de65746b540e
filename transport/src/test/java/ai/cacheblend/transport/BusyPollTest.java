package ai.cacheblend.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class BusyPollTest {
  @Test
  void onlyGpuWorkersOnHostsWithManyProcessorsBusyPoll() {
    assertThat(BusyPoll.duration(true, 8)).isEqualTo(Duration.ofSeconds(1));
    assertThat(BusyPoll.duration(true, 7)).isZero();
    assertThat(BusyPoll.duration(false, 64)).isZero();
  }
}
