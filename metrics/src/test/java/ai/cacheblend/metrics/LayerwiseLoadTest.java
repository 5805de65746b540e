package ai.cacheblend.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LayerwiseLoadTest {
  /** Four layers of 2 s each. */
  private final LayerwiseLoad load = LayerwiseLoad.ofEqualLayers(8, 4);

  @ParameterizedTest
  @CsvSource({
    "0, 8", // nothing to load
    "4, 9", // 1 s for the first layer, then hidden
    "8, 10", // equal rates
    "20, 22", // compute waits for each layer; the last one ends 2 s after its KV
  })
  void theSlowerOfLoadAndComputeHasNoGap(double loadSeconds, double expected) {
    assertThat(load.seconds(loadSeconds)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"1, 8", "4, 8", "7, 3", "32, 30.8", "80, 20"})
  void agreesWithASimulationOfTheLayers(int layerCount, double loadSeconds) {
    double computeSeconds = 8;
    double arrived = 0;
    double ended = 0;
    for (int layer = 0; layer < layerCount; layer++) {
      arrived += loadSeconds / layerCount;
      ended = Math.max(ended, arrived) + computeSeconds / layerCount;
    }

    assertThat(LayerwiseLoad.ofEqualLayers(computeSeconds, layerCount).seconds(loadSeconds))
        .isCloseTo(ended, within(1e-9));
  }

  @ParameterizedTest
  @CsvSource({"8.5, 2", "9, 4", "10, 8", "22, 20"})
  void longestLoadIsTheInverse(double seconds, double expected) {
    assertThat(load.longestLoadSeconds(seconds)).isEqualTo(expected);
    assertThat(load.seconds(expected)).isEqualTo(seconds);
  }

  @Test
  void noLoadEndsBeforeTheCompute() {
    assertThat(load.longestLoadSeconds(8)).isZero();
    assertThat(load.longestLoadSeconds(1)).isZero();
  }

  @Test
  void hiddenShareIsWhatDoesNotDelay() {
    assertThat(load.hiddenShare(0)).isEqualTo(1);
    assertThat(load.hiddenShare(4)).isEqualTo(.75);
    assertThat(load.hiddenShare(20)).isCloseTo(.3, within(1e-9));
    assertThat(LayerwiseLoad.ofEqualLayers(8, 1).hiddenShare(5)).isZero();
  }

  /** As of a blend: all rows in the layers up to the check layer, few in the others. */
  @ParameterizedTest
  @CsvSource({"0", "1", "4", "8", "40"})
  void layersCanTakeDifferentTimes(double loadSeconds) {
    List<Double> layers = List.of(3.0, 3.0, .5, .5, .25, .75);
    double ended = 0;
    for (int layer = 0; layer < layers.size(); layer++) {
      ended = Math.max(ended, (layer + 1) * loadSeconds / layers.size()) + layers.get(layer);
    }
    LayerwiseLoad blend = new LayerwiseLoad(layers);

    assertThat(blend.seconds(loadSeconds)).isCloseTo(ended, within(1e-9));
    assertThat(blend.seconds(blend.longestLoadSeconds(ended + 1)))
        .isCloseTo(ended + 1, within(1e-9));
    assertThat(blend.computeSeconds()).isEqualTo(8);
  }

  @Test
  void refusesNoWork() {
    assertThatThrownBy(() -> LayerwiseLoad.ofEqualLayers(0, 4))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> LayerwiseLoad.ofEqualLayers(8, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new LayerwiseLoad(List.of(8.0, -1.0)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
