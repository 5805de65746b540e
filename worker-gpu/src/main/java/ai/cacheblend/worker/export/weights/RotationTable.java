package ai.cacheblend.worker.export.weights;

import ai.cacheblend.worker.model.ModelConfig;
import java.util.function.DoubleUnaryOperator;

/**
 * Cosines or sines of the rotation angles times the amplitude, [position][pair], computed in double
 * precision and read from position 0 on. A pair that is not rotated has 1 and 0.
 */
final class RotationTable implements WeightSource.FloatStream {

  private final double[] anglesPerPosition;
  private final double amplitude;
  private final DoubleUnaryOperator function;
  private long next;

  private RotationTable(ModelConfig config, DoubleUnaryOperator function) {
    this.anglesPerPosition = config.rope().anglesPerPosition(config.attention().headSize());
    this.amplitude = config.rope().amplitude();
    this.function = function;
  }

  static RotationTable cosines(ModelConfig config) {
    return new RotationTable(config, Math::cos);
  }

  static RotationTable sines(ModelConfig config) {
    return new RotationTable(config, Math::sin);
  }

  @Override
  public void read(float[] into, int count) {
    for (int i = 0; i < count; i++, next++) {
      long position = next / anglesPerPosition.length;
      double perPosition = anglesPerPosition[(int) (next % anglesPerPosition.length)];
      double value = function.applyAsDouble(position * perPosition);
      into[i] = (float) (perPosition == 0 ? value : amplitude * value);
    }
  }
}
