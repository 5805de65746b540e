package ai.cacheblend.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchMeansTest {

  @ParameterizedTest
  @CsvSource({"0, 10, 5, 0", "9, 10, 5, 1", "20, 10, 5, 2", "100, 10, 5, 5", "101, 10, 20, 10"})
  void batchesHaveAtLeastTheirMinimumSizeAndCoverAllValues(
      int count, int minSize, int maxCount, int expected) {
    List<int[]> ranges = Batches.ranges(count, minSize, maxCount);

    assertThat(ranges).hasSize(expected);
    int next = 0;
    for (int[] range : ranges) {
      assertThat(range[0]).isEqualTo(next);
      next = range[1];
      assertThat(range[1] - range[0]).isBetween(Math.min(minSize, count), count);
    }
    assertThat(next).isEqualTo(count);
  }

  /** By hand: means 1, 3, 5, 7; t(0.975, 3) = 3.182446; std 2.581989. */
  @Test
  void equalBatchesGiveTheIntervalOfTheirMeans() {
    BatchMeans means =
        BatchMeans.of(
            List.of(
                new double[] {0, 2},
                new double[] {3, 3},
                new double[] {4, 6},
                new double[] {7, 7}));

    assertThat(means.mean()).isEqualTo(4);
    assertThat(means.high95() - means.mean()).isCloseTo(3.182446 * 2.581989 / 2, within(1e-5));
    assertThat(means.mean() - means.low95()).isCloseTo(3.182446 * 2.581989 / 2, within(1e-5));
  }

  @Test
  void oneBatchHasNoInterval() {
    BatchMeans means = BatchMeans.of(List.of(new double[] {1, 2, 3}));

    assertThat(means.mean()).isEqualTo(2);
    assertThat(means.low95()).isNaN();
    assertThatThrownBy(() -> BatchMeans.of(List.of())).hasMessageContaining("batches: empty");
  }

  /**
   * An autoregressive series with a known mean of 0: the interval of single values is too short.
   */
  @Test
  void coversTheMeanOfCorrelatedValuesWhereTheIntervalOfSingleValuesDoesNot() {
    Random random = new Random(5);
    int runs = 400;
    int covered = 0;
    int coveredBySingles = 0;
    for (int run = 0; run < runs; run++) {
      double[] series = new double[2000];
      double value = random.nextGaussian() / Math.sqrt(1 - 0.9 * 0.9);
      for (int i = 0; i < series.length; i++) {
        value = 0.9 * value + random.nextGaussian();
        series[i] = value;
      }
      BatchMeans means = BatchMeans.of(Batches.of(series, 10, 10));
      covered += means.low95() <= 0 && 0 <= means.high95() ? 1 : 0;
      Summary singles = Summary.of(series);
      coveredBySingles += Math.abs(singles.mean()) <= singles.halfWidth95() ? 1 : 0;
    }

    assertThat(covered / (double) runs).isBetween(0.90, 0.98);
    assertThat(coveredBySingles / (double) runs).isLessThan(0.55);
  }

  @Test
  void thePercentileIntervalOfBlocksCoversTheTruePercentile() {
    Random random = new Random(6);
    int runs = 200;
    int covered = 0;
    for (int run = 0; run < runs; run++) {
      List<double[]> blocks = new ArrayList<>();
      for (int block = 0; block < 12; block++) {
        blocks.add(random.doubles(60).map(u -> -Math.log(1 - u)).toArray());
      }
      Interval interval = BlockBootstrap.of(blocks).percentile95(0.9, run).orElseThrow();
      covered += interval.contains(Math.log(10)) ? 1 : 0;
    }

    assertThat(covered / (double) runs).isBetween(0.87, 0.99);
  }

  @Test
  void thePercentileOfOneBlockDrawnByEveryResampleIsThatOfTheBlock() {
    double[] block = new double[40];
    for (int i = 0; i < block.length; i++) {
      block[i] = i + 1;
    }
    List<double[]> blocks = List.of(block, block, block, block, block);

    assertThat(BlockBootstrap.of(blocks).percentile95(0.9, 1)).hasValue(new Interval(36, 36));
    assertThat(BlockBootstrap.of(blocks.subList(0, 4)).percentile95(0.9, 1)).isEmpty();
    assertThat(BlockBootstrap.of(blocks).percentile95(0.99, 1)).isEmpty();
  }
}
