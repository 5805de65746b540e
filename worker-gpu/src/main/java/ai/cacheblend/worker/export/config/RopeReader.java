package ai.cacheblend.worker.export.config;

import ai.cacheblend.worker.export.ExportException;
import ai.cacheblend.worker.model.RopeParameters;
import ai.cacheblend.worker.model.RopeParameters.Llama3Scaling;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the rotary embedding in both spellings: {@code rope_theta} with {@code rope_scaling}, and
 * {@code rope_parameters}, which holds both.
 */
final class RopeReader {

  private static final double DEFAULT_THETA = 10_000;
  private static final Set<String> DEFAULT_FIELDS =
      Set.of("rope_theta", "rope_type", "type", "partial_rotary_factor");
  private static final Set<String> LLAMA3_FIELDS =
      Set.of("factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings");

  private RopeReader() {}

  static RopeParameters read(ConfigObject config) throws ExportException {
    Optional<ConfigObject> old = config.object("rope_scaling");
    Optional<ConfigObject> current = config.object("rope_parameters");
    if (old.isPresent() && current.isPresent()) {
      throw config.wrong("rope_scaling", "none beside rope_parameters");
    }
    Optional<ConfigObject> rope = current.isPresent() ? current : old;
    double theta = theta(config, rope);
    if (rope.isEmpty()) {
      return new RopeParameters(theta, Optional.empty());
    }
    return new RopeParameters(theta, scaling(rope.get()));
  }

  private static double theta(ConfigObject config, Optional<ConfigObject> rope)
      throws ExportException {
    Optional<Double> outer = config.optionalPositiveNumber("rope_theta");
    if (rope.isEmpty()) {
      return outer.orElse(DEFAULT_THETA);
    }
    Optional<Double> inner = rope.get().optionalPositiveNumber("rope_theta");
    if (inner.isPresent() && outer.isPresent() && !inner.equals(outer)) {
      throw config.wrong("rope_theta", "%s as in rope_parameters".formatted(inner.get()));
    }
    return inner.or(() -> outer).orElse(DEFAULT_THETA);
  }

  private static Optional<Llama3Scaling> scaling(ConfigObject rope) throws ExportException {
    Optional<String> type = rope.text("rope_type");
    Optional<String> oldType = rope.text("type");
    if (type.isPresent() && oldType.isPresent() && !type.equals(oldType)) {
      throw rope.wrong("type", "%s as rope_type".formatted(type.get()));
    }
    String kind = type.or(() -> oldType).orElse("default");
    boolean llama3 = kind.equals("llama3");
    if (!llama3 && !kind.equals("default")) {
      throw rope.wrong(type.isPresent() ? "rope_type" : "type", "\"default\" or \"llama3\"");
    }
    if (rope.has("partial_rotary_factor") && !rope.is("partial_rotary_factor", "1")) {
      throw rope.wrong("partial_rotary_factor", "1");
    }
    for (String field : rope.fields()) {
      if (rope.has(field)
          && !DEFAULT_FIELDS.contains(field)
          && !(llama3 && LLAMA3_FIELDS.contains(field))) {
        throw rope.wrong(field, "no such field for rope type " + kind);
      }
    }
    return llama3 ? Optional.of(llama3(rope)) : Optional.empty();
  }

  private static Llama3Scaling llama3(ConfigObject rope) throws ExportException {
    double factor = rope.positiveNumber("factor");
    double low = rope.positiveNumber("low_freq_factor");
    double high = rope.positiveNumber("high_freq_factor");
    int original = rope.positive("original_max_position_embeddings");
    if (factor < 1) {
      throw rope.wrong("factor", "a number >= 1");
    }
    if (high <= low) {
      throw rope.wrong("high_freq_factor", "more than low_freq_factor " + low);
    }
    return new Llama3Scaling(factor, low, high, original);
  }
}
