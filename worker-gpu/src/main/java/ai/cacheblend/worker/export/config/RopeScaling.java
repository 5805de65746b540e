package ai.cacheblend.worker.export.config;

import ai.cacheblend.worker.export.ExportException;
import ai.cacheblend.worker.model.RopeAngles;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Angles of scaled rotary embeddings, as transformers 5 computes them. */
final class RopeScaling {

  private static final double DEFAULT_BETA_FAST = 32;
  private static final double DEFAULT_BETA_SLOW = 1;

  private RopeScaling() {}

  /** Rotated pairs before scaling: pair i has the angle theta^(−2i/rotated) per position. */
  record Pairs(double theta, int rotated) {

    double angle(int pair) {
      return Math.pow(theta, -2.0 * pair / rotated);
    }

    RopeAngles unscaled() {
      return angles((pair, angle) -> angle, 1);
    }

    RopeAngles angles(Scale scale, double amplitude) {
      List<Double> angles = new ArrayList<>();
      for (int pair = 0; pair < rotated / 2; pair++) {
        angles.add(scale.of(pair, angle(pair)));
      }
      return new RopeAngles(angles, amplitude);
    }
  }

  private interface Scale {
    double of(int pair, double angle);
  }

  /** Position interpolation (Chen et al., 2023). */
  static RopeAngles linear(Pairs pairs, double factor) {
    return pairs.angles((pair, angle) -> angle / factor, 1);
  }

  /**
   * YaRN (Peng et al., 2023): pairs with few rotations within the original context are divided by
   * the factor, pairs with many are kept, those between are interpolated by their index.
   */
  static RopeAngles yarn(Pairs pairs, ConfigObject rope, int maxPositions, int original)
      throws ExportException {
    double factor = factor(rope, maxPositions, original);
    double fast = rope.optionalPositiveNumber("beta_fast").orElse(DEFAULT_BETA_FAST);
    double slow = rope.optionalPositiveNumber("beta_slow").orElse(DEFAULT_BETA_SLOW);
    if (fast < slow) {
      throw rope.wrong("beta_fast", "at least beta_slow " + slow);
    }
    double low = pairWithRotations(pairs, fast, original);
    double high = pairWithRotations(pairs, slow, original);
    if (!rope.has("truncate") || rope.flag("truncate")) {
      low = Math.floor(low);
      high = Math.ceil(high);
    }
    double first = Math.max(low, 0);
    double last = Math.min(high, pairs.rotated() - 1);
    // As in transformers, against a division by zero.
    double width = last == first ? 0.001 : last - first;
    return pairs.angles(
        (pair, angle) -> {
          double interpolated = Math.min(1, Math.max(0, (pair - first) / width));
          return angle / factor * interpolated + angle * (1 - interpolated);
        },
        yarnAmplitude(rope, factor));
  }

  /** The fractional index of the pair with this number of rotations in the original context. */
  private static double pairWithRotations(Pairs pairs, double rotations, int original) {
    return pairs.rotated()
        * Math.log(original / (rotations * 2 * Math.PI))
        / (2 * Math.log(pairs.theta()));
  }

  private static double yarnAmplitude(ConfigObject rope, double factor) throws ExportException {
    Optional<Double> given = rope.optionalPositiveNumber("attention_factor");
    if (given.isPresent()) {
      return given.get();
    }
    Optional<Double> scale = rope.optionalPositiveNumber("mscale");
    Optional<Double> ofAll = rope.optionalPositiveNumber("mscale_all_dim");
    return scale.isPresent() && ofAll.isPresent()
        ? magnitude(factor, scale.get()) / magnitude(factor, ofAll.get())
        : magnitude(factor, 1);
  }

  private static double magnitude(double factor, double scale) {
    return factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1;
  }

  /** LongRoPE (Ding et al., 2024), with the factors of sequences within the original context. */
  static RopeAngles longrope(Pairs pairs, ConfigObject rope, int maxPositions, int original)
      throws ExportException {
    int count = pairs.rotated() / 2;
    List<Double> factors = rope.positiveNumbers("short_factor", count);
    rope.positiveNumbers("long_factor", count);
    double factor = factor(rope, maxPositions, original);
    double amplitude = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(original));
    return pairs.angles(
        (pair, angle) -> angle / factors.get(pair),
        rope.optionalPositiveNumber("attention_factor").orElse(amplitude));
  }

  /** An absent or null factor is the ratio of the contexts. */
  private static double factor(ConfigObject rope, int maxPositions, int original)
      throws ExportException {
    return rope.optionalPositiveNumber("factor").orElse((double) maxPositions / original);
  }
}
