package ai.cacheblend.worker.forecast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.cacheblend.worker.blend.LayerWork;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

final class ComputeModelTest {
  private static final int LAYERS = 4;

  private final ComputeModel model = new ComputeModel();

  @Test
  void unknownBeforeThreeShapesWereMeasured() {
    measure(100);
    measure(200);
    measure(200);
    assertThat(model.ready()).isFalse();

    measure(400);
    assertThat(model.ready()).isTrue();
  }

  @Test
  void predictsShapesThatWereNotMeasured() {
    for (int rows : new int[] {100, 400, 1600, 6400}) {
      measure(rows);
    }

    assertThat(seconds(prefill(3000)))
        .isCloseTo(measured(prefill(3000)), Percentage.withPercentage(1));
    assertThat(seconds(prefill(20_000)))
        .isCloseTo(measured(prefill(20_000)), Percentage.withPercentage(1));
  }

  /** A layer with more rows takes longer, and the sum is that of the prefill. */
  @Test
  void layersTakeTheirShare() {
    for (int rows : new int[] {100, 400, 1600, 6400}) {
      measure(rows);
    }
    LayerWork many = new LayerWork(1000, 500_000);
    LayerWork few = new LayerWork(100, 50_000);

    double[] blend = model.layerSeconds(List.of(many, many, few, few));

    assertThat(blend[0]).isCloseTo(1e-3 + 5e-3 / LAYERS + .5e-3, within(1e-4));
    assertThat(blend[2]).isCloseTo(.1e-3 + 5e-3 / LAYERS + .05e-3, within(1e-4));
    assertThat(blend[3]).isEqualTo(blend[2]);
  }

  /** The measured time of a shape outweighs the fit of all shapes. */
  @Test
  void knownShapesAreCorrected() {
    for (int rows : new int[] {100, 400, 1600, 6400}) {
      measure(rows);
    }
    double slow = 1.3 * measured(prefill(1600));
    for (int repeat = 0; repeat < 30; repeat++) {
      model.observe(prefill(1600), slow, false);
    }

    assertThat(seconds(prefill(1600))).isCloseTo(slow, Percentage.withPercentage(3));
    assertThat(seconds(prefill(100)))
        .isCloseTo(measured(prefill(100)), Percentage.withPercentage(3));
  }

  @Test
  void oneSlowPrefillCountsLittle() {
    for (int rows : new int[] {100, 400, 1600, 6400}) {
      model.observe(prefill(rows), 10 * measured(prefill(rows)), false);
      measure(rows);
      measure(rows);
    }

    assertThat(seconds(prefill(1600)))
        .isCloseTo(measured(prefill(1600)), Percentage.withPercentage(1));
  }

  /**
   * Kernels are loaded at the first use of a row count: such prefills count while there are no
   * others.
   */
  @Test
  void firstUsesCountOnlyUntilThereAreOthers() {
    for (int rows : new int[] {100, 400, 1600, 6400}) {
      model.observe(prefill(rows), 3 * measured(prefill(rows)), true);
    }
    assertThat(seconds(prefill(1600)))
        .isCloseTo(3 * measured(prefill(1600)), Percentage.withPercentage(3));

    measure(1600);
    measure(1590);
    model.observe(prefill(1610), 3 * measured(prefill(1610)), true);
    model.observe(prefill(1500), 3 * measured(prefill(1500)), true);

    assertThat(seconds(prefill(1600)))
        .isCloseTo(measured(prefill(1600)), Percentage.withPercentage(8));
  }

  private void measure(int rows) {
    model.observe(prefill(rows), measured(prefill(rows)), false);
  }

  private double seconds(List<LayerWork> work) {
    return Arrays.stream(model.layerSeconds(work)).sum();
  }

  /** 1 us per row, 1 ns per pair, and 5 ms. */
  private static double measured(List<LayerWork> work) {
    return work.stream().mapToDouble(layer -> 1e-6 * layer.rows() + 1e-9 * layer.pairs()).sum()
        + 5e-3;
  }

  private static List<LayerWork> prefill(int rows) {
    return Collections.nCopies(LAYERS, new LayerWork(rows, rows * (rows + 1.) / 2));
  }
}
