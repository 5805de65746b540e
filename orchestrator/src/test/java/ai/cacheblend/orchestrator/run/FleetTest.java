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

  @Test
  void rejectsTiersOfDifferentFormats() {
    ScriptedWorkerClient rounding = new ScriptedWorkerClient("two", new ManualClock());
    rounding.tierKv("fp8");
    Fleet mixed =
        Fleet.connect(List.of(new ScriptedWorkerClient("one", new ManualClock()), rounding));
    mixed.requireTier(Optional.empty());

    assertThatExceptionOfType(PlanException.class)
        .isThrownBy(() -> mixed.requireTier(Optional.of(Tier.HOST)))
        .withMessage(
            "tier-kv of worker two is fp8, of worker one native; start all workers with the same"
                + " --tier-kv");
  }
}
