package ai.cacheblend.orchestrator.run;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.orchestrator.client.DeviceState;
import ai.cacheblend.orchestrator.records.BlockLoad;
import ai.cacheblend.orchestrator.records.Trial;
import ai.cacheblend.orchestrator.records.TtftSummary;
import ai.cacheblend.orchestrator.testing.Samples;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class TtftOutliersTest {
  private static final String POWER = "sw_power_cap";
  private static final String HOT = "hw_thermal_slowdown";

  @Test
  void powerLimitOfEveryTrialIsAWarningNotAnOutlier() {
    TtftSummary summary = summary(List.of(POWER), List.of(POWER), List.of(POWER));

    assertThat(throttled(summary)).isEmpty();
    assertThat(summary.warnings())
        .containsExactly("3 of 3 trials ran with reduced clocks: sw_power_cap");
  }

  @Test
  void deviatingTrialIsAnOutlier() {
    TtftSummary summary = summary(List.of(POWER), List.of(POWER, HOT), List.of(POWER));

    assertThat(throttled(summary)).containsOnly("throttled by " + HOT).hasSize(4);
  }

  private static List<String> throttled(TtftSummary summary) {
    return summary.rows().get(0).arms().values().stream()
        .flatMap(arm -> arm.outliers().stream())
        .map(TtftSummary.Outlier::reason)
        .filter(reason -> reason.startsWith("throttled"))
        .toList();
  }

  @SafeVarargs
  private static TtftSummary summary(List<String>... reasons) {
    Trial model = Samples.trials().get(1);
    List<Trial> trials = new ArrayList<>();
    for (List<String> ofTrial : reasons) {
      trials.add(
          new Trial(
              model.phase(),
              model.length(),
              trials.size(),
              model.origin(),
              model.promptHash(),
              model.collect(),
              model.armRuns(),
              false,
              new DeviceState(ofTrial, Map.of()),
              BlockLoad.UNKNOWN));
    }
    return TtftAnalysis.summary(Samples.ttftPlan(), trials, Samples.LAYERS);
  }
}
