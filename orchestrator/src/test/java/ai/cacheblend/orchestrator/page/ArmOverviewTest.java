package ai.cacheblend.orchestrator.page;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.orchestrator.records.ScoreDifference;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class ArmOverviewTest {
  @Test
  void safeRequiresAPassOnEveryDataSet() {
    assertThat(safety("pass", "pass")).isEqualTo(ArmOverview.Safety.SAFE);
    assertThat(safety("pass", "undecided")).isEqualTo(ArmOverview.Safety.CANNOT_TELL);
    assertThat(safety("pass", "cannot_judge")).isEqualTo(ArmOverview.Safety.CANNOT_TELL);
    assertThat(safety("pass", "fail", "cannot_judge")).isEqualTo(ArmOverview.Safety.NOT_SAFE);
  }

  @Test
  void armWithoutQualityIsNotSafe() {
    assertThat(safety()).isEqualTo(ArmOverview.Safety.CANNOT_TELL);
  }

  private static ArmOverview.Safety safety(String... verdicts) {
    return new ArmOverview(
            "cacheblend",
            List.of(),
            Stream.of(verdicts)
                .map(
                    verdict ->
                        new ArmOverview.Quality(
                            "data",
                            "word F1",
                            0.5,
                            0.5,
                            0.2,
                            new ScoreDifference(
                                9, 0, 0, -0.1, 0.1, Double.NaN, 0.02, verdict, "reason", 0.5),
                            Optional.empty(),
                            Optional.empty()))
                .toList())
        .safety();
  }
}
