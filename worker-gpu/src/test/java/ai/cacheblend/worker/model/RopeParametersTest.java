package ai.cacheblend.worker.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.cacheblend.worker.model.RopeParameters.Llama3Scaling;
import java.util.Optional;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RopeParametersTest {

  private static Offset<Double> relative(double expected) {
    return within(Math.abs(expected) * 1e-12);
  }

  @Test
  void anglesFormAGeometricSequence() {
    double[] angles = new RopeParameters(10000, Optional.empty()).anglesPerPosition(8);
    double[] expected = {1, 0.1, 0.01, 0.001};
    for (int i = 0; i < expected.length; i++) {
      assertThat(angles[i]).isCloseTo(expected[i], relative(expected[i]));
    }
  }

  /**
   * Llama 3.1's own parameters. Expected: the definition in Hugging Face transformers 5.17 (three
   * cases by wavelength), in numpy float64. Pairs to 28 are fast, from 36 slow, between blended.
   */
  @ParameterizedTest
  @CsvSource({
    "0, 1.0",
    "1, 0.8146172338565447",
    "20, 0.016560440080994446",
    "28, 0.0032114459947525913",
    "29, 0.002166570763503359",
    "31, 0.0008567514129196324",
    "33, 0.00031269375038406517",
    "34, 0.00017850781276799638",
    "35, 9.556212353964683e-05",
    "36, 7.78465527393245e-05",
    "63, 3.068925988914511e-07"
  })
  void llama3ScalingSlowsTheSlowPairsDown(int pair, double expected) {
    RopeParameters rope = new RopeParameters(500000, Optional.of(new Llama3Scaling(8, 1, 4, 8192)));
    assertThat(rope.anglesPerPosition(128)[pair]).isCloseTo(expected, relative(expected));
  }

  @Test
  void refusesInvalidParameters() {
    assertThatThrownBy(() -> new RopeParameters(0, Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Llama3Scaling(8, 4, 1, 8192))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Llama3Scaling(0.5, 1, 4, 8192))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
