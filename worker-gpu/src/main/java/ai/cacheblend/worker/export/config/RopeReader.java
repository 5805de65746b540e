package ai.cacheblend.worker.export.config;

import ai.cacheblend.worker.export.ExportException;
import ai.cacheblend.worker.model.RopeAngles;
import ai.cacheblend.worker.model.RopeParameters;
import ai.cacheblend.worker.model.RopeParameters.Llama3Scaling;
import java.util.Optional;

/** Reads a rotary embedding. */
final class RopeReader {

  /**
   * The rotary embedding.
   *
   * @param positions for which it holds, at most those of the config
   */
  record Rope(RopeParameters parameters, int positions) {}

  private final ConfigObject config;
  private final Architecture architecture;
  private final int headSize;
  private final int maxPositions;

  private RopeReader(
      ConfigObject config, Architecture architecture, int headSize, int maxPositions) {
    this.config = config;
    this.architecture = architecture;
    this.headSize = headSize;
    this.maxPositions = maxPositions;
  }

  static Rope read(
      ConfigObject config,
      RopeSource source,
      Architecture architecture,
      int headSize,
      int maxPositions)
      throws ExportException {
    return new RopeReader(config, architecture, headSize, maxPositions)
        .read(source.parameters(), source.theta());
  }

  private Rope read(Optional<ConfigObject> rope, double theta) throws ExportException {
    RopeScaling.Pairs pairs = new RopeScaling.Pairs(theta, rotated(rope));
    if (rope.isEmpty()) {
      return of(pairs, pairs.unscaled(), maxPositions);
    }
    ConfigObject scaling = rope.get();
    RopeType type = RopeType.of(scaling, architecture);
    type.check(scaling);
    int original = originalPositions(scaling);
    return switch (type) {
      // Frequencies change only beyond max_position_embeddings, which no sequence exceeds.
      case DEFAULT, DYNAMIC -> of(pairs, pairs.unscaled(), maxPositions);
      case LINEAR -> of(pairs, RopeScaling.linear(pairs, factor(scaling)), maxPositions);
      case LLAMA3 ->
          new Rope(
              new RopeParameters(whole(scaling, pairs).theta(), Optional.of(llama3(scaling))),
              maxPositions);
      case YARN ->
          of(pairs, RopeScaling.yarn(pairs, scaling, maxPositions, original), maxPositions);
      // Longer sequences have other frequencies from their first position on.
      case LONGROPE ->
          of(
              pairs,
              RopeScaling.longrope(pairs, scaling, maxPositions, original),
              Math.min(maxPositions, original));
    };
  }

  /** Angles are stored only where theta does not give them. */
  private Rope of(RopeScaling.Pairs pairs, RopeAngles angles, int positions) {
    boolean plain = pairs.rotated() == headSize && angles.equals(pairs.unscaled());
    return new Rope(
        new RopeParameters(
            pairs.theta(), Optional.empty(), plain ? Optional.empty() : Optional.of(angles)),
        positions);
  }

  /** Elements of a head that are rotated. */
  private int rotated(Optional<ConfigObject> rope) throws ExportException {
    ConfigObject holder = rope.filter(object -> object.has("partial_rotary_factor")).orElse(config);
    if (!holder.has("partial_rotary_factor")) {
      return headSize;
    }
    double factor = holder.positiveNumber("partial_rotary_factor");
    if (factor == 1) {
      return headSize;
    }
    int rotated = (int) (headSize * factor);
    if (!architecture.rotatesPartially() || factor > 1 || rotated % 2 != 0 || rotated == 0) {
      throw holder.wrong(
          "partial_rotary_factor",
          architecture.rotatesPartially() ? "a factor <= 1 that gives an even size" : "1");
    }
    return rotated;
  }

  private RopeScaling.Pairs whole(ConfigObject scaling, RopeScaling.Pairs pairs)
      throws ExportException {
    if (pairs.rotated() != headSize) {
      throw scaling.wrong("rope_type", "\"default\" or \"longrope\" with a partial rotation");
    }
    return pairs;
  }

  /** The config's own field has priority, as in transformers. */
  private int originalPositions(ConfigObject scaling) throws ExportException {
    ConfigObject holder = config.has("original_max_position_embeddings") ? config : scaling;
    return holder.has("original_max_position_embeddings")
        ? holder.positive("original_max_position_embeddings")
        : maxPositions;
  }

  private static double factor(ConfigObject scaling) throws ExportException {
    double factor = scaling.positiveNumber("factor");
    if (factor < 1) {
      throw scaling.wrong("factor", "a number >= 1");
    }
    return factor;
  }

  private static Llama3Scaling llama3(ConfigObject scaling) throws ExportException {
    double low = scaling.positiveNumber("low_freq_factor");
    double high = scaling.positiveNumber("high_freq_factor");
    int original = scaling.positive("original_max_position_embeddings");
    double factor = factor(scaling);
    if (high <= low) {
      throw scaling.wrong("high_freq_factor", "more than low_freq_factor " + low);
    }
    return new Llama3Scaling(factor, low, high, original);
  }
}
