package ai.cacheblend.worker.model;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Optional;

/**
 * Rotary position embedding: elements i and i + headSize/2 of a head are rotated by the angle
 * position · theta^(−2i/headSize).
 *
 * @param angles in place of theta and scaling; empty: theta and scaling count. Absent from JSON if
 *     empty, so that fingerprints of models without it stay the same
 */
public record RopeParameters(
    double theta,
    Optional<Llama3Scaling> llama3Scaling,
    @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<RopeAngles> angles) {

  public RopeParameters {
    checkArgument(theta > 0 && Double.isFinite(theta), "rope theta is %s, must be > 0", theta);
    requireNonNull(llama3Scaling, "llama3Scaling is null");
    requireNonNull(angles, "angles is null");
  }

  /** Without angles of its own. */
  public RopeParameters(double theta, Optional<Llama3Scaling> llama3Scaling) {
    this(theta, llama3Scaling, Optional.empty());
  }

  /** Angle per position of each of the headSize/2 pairs; 0 for pairs that are not rotated. */
  public double[] anglesPerPosition(int headSize) {
    double[] perPosition = new double[headSize / 2];
    for (int i = 0; i < perPosition.length; i++) {
      perPosition[i] = angles.isPresent() ? angle(angles.get(), i) : angle(i, headSize);
    }
    return perPosition;
  }

  private static double angle(RopeAngles of, int pair) {
    return pair < of.perPosition().size() ? of.perPosition().get(pair) : 0;
  }

  private double angle(int pair, int headSize) {
    double angle = Math.pow(theta, -2.0 * pair / headSize);
    return llama3Scaling.isPresent() ? llama3Scaling.get().scale(angle) : angle;
  }

  /** Factor of cosines and sines of the rotated pairs. */
  public double amplitude() {
    return angles.map(RopeAngles::amplitude).orElse(1.0);
  }

  /**
   * Rope type {@code llama3}: low frequencies are divided by {@code factor}, high frequencies are
   * kept, frequencies between are interpolated by their number of rotations within the original
   * context.
   */
  public record Llama3Scaling(
      double factor, double lowFrequencyFactor, double highFrequencyFactor, int originalPositions) {

    public Llama3Scaling {
      checkArgument(factor >= 1 && Double.isFinite(factor), "factor is %s, must be >= 1", factor);
      checkArgument(
          lowFrequencyFactor > 0 && highFrequencyFactor > lowFrequencyFactor,
          "low_freq_factor is %s and high_freq_factor %s, must be 0 < low < high",
          lowFrequencyFactor,
          highFrequencyFactor);
      checkArgument(
          originalPositions > 0,
          "original_max_position_embeddings is %s, must be > 0",
          originalPositions);
    }

    private double scale(double angle) {
      double turns = originalPositions * angle / (2 * Math.PI);
      double share = (turns - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor);
      double unscaled = Math.min(1, Math.max(0, share));
      return (1 - unscaled) * angle / factor + unscaled * angle;
    }
  }
}
