package ai.cacheblend.orchestrator.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AlertnessTest {
  @Test
  void isForGpusBesideManyProcessors() {
    assertThat(Alertness.of(device("cuda"), 8)).isEqualTo(Duration.ofSeconds(1));
    assertThat(Alertness.of(device("cuda"), 7)).isZero();
    assertThat(Alertness.of(device("cpu"), 64)).isZero();
  }

  private static WorkerDescription.Device device(String kind) {
    return new WorkerDescription.Device(kind, "any", 1, "", Map.of());
  }
}
