package ai.cacheblend.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LayerwiseLoadTest {
  /** Four layers of 2 s each. */
  private final LayerwiseLoad load = new LayerwiseLoad(8, 4);

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

    assertThat(new LayerwiseLoad(computeSeconds, layerCount).seconds(loadSeconds))
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
    assertThat(new LayerwiseLoad(8, 1).hiddenShare(5)).isZero();
  }

  @Test
  void refusesNoWork() {
    assertThatThrownBy(() -> new LayerwiseLoad(0, 4)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new LayerwiseLoad(8, 0)).isInstanceOf(IllegalArgumentException.class);
  }
}
