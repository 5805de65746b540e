package ai.cacheblend.worker.forecast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.cacheblend.worker.blend.LayerWork;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Prefills of 1 us per row of four layers; the first use of a row count takes 3 ms longer. */
final class ComputeForecastTest {
  private static final int LAYERS = 4;
  private static final double FIRST_USE = 3e-3;

  private final ComputeForecast forecast = new ComputeForecast();

  @Test
  void comparableAfterThePredictionOfAFourthPrompt() {
    for (int rows : new int[] {1000, 2000, 4000}) {
      forecast.observe(prefill(rows), seconds(rows));
      assertThat(forecast.comparable()).isFalse();
    }

    forecast.observe(prefill(8000), seconds(8000));

    assertThat(forecast.comparable()).isTrue();
    assertThat(forecast.error()).isLessThan(.01);
  }

  @Test
  void errorIsTheMedianOfTheLatestPredictions() {
    List<Integer> prompts = List.of(1000, 2000, 4000, 8000, 16_000, 32_000);
    for (int repeat = 0; repeat < 5; repeat++) {
      prompts.forEach(rows -> forecast.observe(prefill(rows), seconds(rows)));
    }

    prompts.forEach(rows -> forecast.observe(prefill(rows), 1.25 * seconds(rows)));
    assertThat(forecast.error()).isLessThan(.01);

    prompts.forEach(rows -> forecast.observe(prefill(rows), .75 * seconds(rows)));
    assertThat(forecast.error()).isCloseTo(.25, within(.01));
  }

  @Test
  void firstUsesArePredictedWithTheirCost() {
    learn();

    assertThat(forecast.predict(prefill(2000)).orElseThrow().computeSeconds())
        .isCloseTo(seconds(2000), within(1e-5));
    assertThat(forecast.predict(prefill(3000)).orElseThrow().computeSeconds())
        .isCloseTo(seconds(3000) + FIRST_USE, within(5e-5));
    assertThat(forecast.predict(prefill(3000)).orElseThrow().layerSeconds().get(1))
        .isCloseTo(seconds(3000) / LAYERS, within(5e-5));
  }

  /** Where no row count repeats, as with prompts of any length, the model follows faster times. */
  @Test
  void firstUsesThatAreFasterThanPredictedCount() {
    learn();

    for (int rows = 2002; rows < 2010; rows++) {
      forecast.observe(prefill(rows), .8 * seconds(rows));
    }

    assertThat(forecast.predict(prefill(2010)).orElseThrow().computeSeconds())
        .isCloseTo(.8 * seconds(2010), within(.05 * seconds(2010)));
  }

  @Test
  void comparisonsScaleTheComputeAndShareTheCostOfFirstUses() {
    learn();

    ComputeForecast.Ttft known = forecast.compared(prefill(2000), 1.5, 0);
    ComputeForecast.Ttft unknown = forecast.compared(prefill(3000), 1, 0);
    forecast.addMissed(prefill(3000));
    ComputeForecast.Ttft missed = forecast.compared(prefill(3000), 1, 0);

    assertThat(known.seconds()).isCloseTo(1.5 * seconds(2000), within(1e-5));
    assertThat(known.laterSeconds()).isEqualTo(known.seconds());
    assertThat(unknown.seconds() - unknown.laterSeconds()).isCloseTo(FIRST_USE, within(5e-5));
    assertThat(missed.seconds() - missed.laterSeconds()).isCloseTo(FIRST_USE / 2, within(5e-5));
  }

  /** A load that ends later than the compute of all layers but the last. */
  @Test
  void comparisonsIncludeTheLoad() {
    learn();

    assertThat(forecast.compared(prefill(2000), 1, .5).seconds())
        .isCloseTo(.5 + seconds(2000) / LAYERS, within(1e-5));
  }

  private void learn() {
    for (int repeat = 0; repeat < 8; repeat++) {
      for (int rows : new int[] {1000, 2000, 4000, 8000}) {
        forecast.observe(prefill(rows), seconds(rows) + (repeat == 0 ? FIRST_USE : 0));
      }
    }
    for (int rows : new int[] {1001, 2001, 4001, 8001}) {
      for (int repeat = 0; repeat < 8; repeat++) {
        forecast.observe(prefill(rows), seconds(rows) + (repeat == 0 ? FIRST_USE : 0));
      }
    }
  }

  private static double seconds(int rows) {
    return LAYERS * rows * 1e-6;
  }

  private static List<LayerWork> prefill(int rows) {
    return Collections.nCopies(LAYERS, new LayerWork(rows, rows * (rows + 1.) / 2));
  }
}
