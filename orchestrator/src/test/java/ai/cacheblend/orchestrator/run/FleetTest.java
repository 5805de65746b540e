package ai.cacheblend.orchestrator.run;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.cacheblend.orchestrator.plan.PlanException;
import ai.cacheblend.orchestrator.plan.Tier;
import ai.cacheblend.orchestrator.testing.ManualClock;
import ai.cacheblend.orchestrator.testing.ScriptedWorkerClient;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class FleetTest {
  private final Fleet fleet =
      Fleet.connect(List.of(new ScriptedWorkerClient("one", new ManualClock())));

  @Test
  void rejectsATierThatAWorkerDoesNotHave() {
    fleet.requireTier(Optional.empty());
    fleet.requireTier(Optional.of(Tier.HOST));

    assertThatExceptionOfType(PlanException.class)
        .isThrownBy(() -> fleet.requireTier(Optional.of(Tier.DISK)))
        .withMessageStartingWith("tier is disk, which worker one does not have; start it with");
  }
}
