package ai.cacheblend.worker.export.config;

import ai.cacheblend.worker.export.ExportException;
import java.util.Optional;

/**
 * The fields of a rotary embedding, in both spellings: {@code rope_theta} with {@code
 * rope_scaling}, and {@code rope_parameters}, which holds both.
 *
 * @param parameters scaling; empty: none
 */
record RopeSource(Optional<ConfigObject> parameters, double theta) {

  private static final double DEFAULT_THETA = 10_000;

  /** One rotary embedding for all layers. */
  static RopeSource of(ConfigObject config) throws ExportException {
    checkOneSpelling(config);
    Optional<ConfigObject> current = config.object("rope_parameters");
    return of(
        config,
        current.isPresent() ? current : config.object("rope_scaling"),
        "rope_theta",
        DEFAULT_THETA);
  }

  /**
   * The rotary embedding of one type of layers, which {@code rope_parameters} holds under that
   * name.
   *
   * @param scalingField its older name for the scaling; empty: none
   * @param thetaField its older name for theta
   */
  static RopeSource ofLayers(
      ConfigObject config,
      String layerType,
      Optional<String> scalingField,
      String thetaField,
      double defaultTheta)
      throws ExportException {
    checkOneSpelling(config);
    Optional<ConfigObject> all = config.object("rope_parameters");
    if (all.isPresent() && !all.get().has(layerType)) {
      throw config.wrong("rope_parameters", "an object with " + layerType);
    }
    Optional<ConfigObject> parameters = Optional.empty();
    if (all.isPresent()) {
      parameters = all.get().object(layerType);
    } else if (scalingField.isPresent()) {
      parameters = config.object(scalingField.get());
    }
    return of(config, parameters, thetaField, defaultTheta);
  }

  private static void checkOneSpelling(ConfigObject config) throws ExportException {
    if (config.has("rope_scaling") && config.has("rope_parameters")) {
      throw config.wrong("rope_scaling", "none beside rope_parameters");
    }
  }

  private static RopeSource of(
      ConfigObject config,
      Optional<ConfigObject> parameters,
      String thetaField,
      double defaultTheta)
      throws ExportException {
    Optional<Double> outer = config.optionalPositiveNumber(thetaField);
    Optional<Double> inner = Optional.empty();
    if (parameters.isPresent()) {
      inner = parameters.get().optionalPositiveNumber("rope_theta");
    }
    if (inner.isPresent() && outer.isPresent() && !inner.equals(outer)) {
      throw config.wrong(thetaField, "%s as in rope_parameters".formatted(inner.get()));
    }
    return new RopeSource(parameters, inner.or(() -> outer).orElse(defaultTheta));
  }
}
