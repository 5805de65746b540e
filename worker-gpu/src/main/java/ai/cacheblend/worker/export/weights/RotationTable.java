package ai.cacheblend.worker.export.weights;

import ai.cacheblend.worker.model.ModelConfig;
import ai.cacheblend.worker.model.RopeParameters;
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

  private RotationTable(RopeParameters rope, int headSize, DoubleUnaryOperator function) {
    this.anglesPerPosition = rope.anglesPerPosition(headSize);
    this.amplitude = rope.amplitude();
    this.function = function;
  }

  /** The table of a block of the weights file. */
  static RotationTable of(String block, ModelConfig config) {
    return switch (block) {
      case BlockNames.ROPE_COS -> of(config.rope(), config, Math::cos);
      case BlockNames.ROPE_SIN -> of(config.rope(), config, Math::sin);
      case BlockNames.WINDOW_ROPE_COS -> of(windowRope(config), config, Math::cos);
      case BlockNames.WINDOW_ROPE_SIN -> of(windowRope(config), config, Math::sin);
      default -> throw new IllegalArgumentException(block + " is no rotation table");
    };
  }

  private static RotationTable of(
      RopeParameters rope, ModelConfig config, DoubleUnaryOperator function) {
    return new RotationTable(rope, config.attention().headSize(), function);
  }

  private static RopeParameters windowRope(ModelConfig config) {
    return config.decoder().windowRope().orElseThrow();
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
