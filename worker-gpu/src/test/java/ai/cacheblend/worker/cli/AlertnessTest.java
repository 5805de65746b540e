package ai.cacheblend.worker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class AlertnessTest {
  @Test
  void isForGpusBesideManyProcessors() {
    assertThat(Alertness.of(DeviceName.parse("cuda:0"), 8)).isEqualTo(Duration.ofSeconds(1));
    assertThat(Alertness.of(DeviceName.parse("cuda:0"), 7)).isZero();
    assertThat(Alertness.of(DeviceName.parse("cpu"), 64)).isZero();
  }
}
