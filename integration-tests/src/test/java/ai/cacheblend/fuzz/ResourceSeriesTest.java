package ai.cacheblend.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

final class ResourceSeriesTest {
  private static final int SAMPLES = 40;

  @Test
  void constantResourcesAreNoViolation() {
    assertThat(series(i -> new ProcessStatus(500_000, 24, 60)).violations()).isEmpty();
  }

  @Test
  void growthOfTheFirstHalfIsNotJudged() {
    ResourceSeries series =
        series(i -> new ProcessStatus(400_000 + 10_000 * Math.min(i, 19), 20 + Math.min(i, 19), 9));

    assertThat(series.violations()).isEmpty();
  }

  @Test
  void steadyGrowthIsAViolation() {
    ResourceSeries series = series(i -> new ProcessStatus(400_000 + 5000 * i, 20 + i, 60 + 2 * i));

    assertThat(series.violations())
        .containsExactly(
            "resident memory grew by 100000 KiB over the second half, more than 10 % of 500000 KiB",
            "threads grew by 20.0 over the second half, more than 8",
            "descriptors grew by 40.0 over the second half, more than 16");
    assertThat(series.table())
        .startsWith("resident MiB: start 390, middle 488, end 585; growth over the second half");
  }

  @Test
  void singlePeakIsNoGrowth() {
    assertThat(series(i -> new ProcessStatus(i == 30 ? 900_000 : 400_000, 24, 60)).violations())
        .isEmpty();
  }

  private static ResourceSeries series(IntFunction<ProcessStatus> status) {
    ResourceSeries series = new ResourceSeries();
    for (int i = 0; i <= SAMPLES; i++) {
      series.add(status.apply(i));
    }
    return series;
  }
}
