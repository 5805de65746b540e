package ai.cacheblend.worker.export.config;

import ai.cacheblend.worker.export.ExportException;
import ai.cacheblend.worker.export.weights.BlockSource;
import ai.cacheblend.worker.export.weights.GemmaTensors;
import ai.cacheblend.worker.model.DecoderTraits;
import ai.cacheblend.worker.model.ModelConfig;
import com.google.common.collect.ImmutableSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * {@code Gemma3ForCausalLM}: a norm per query and key head. Most layers have a window, and these
 * have a rotary embedding of their own.
 */
class Gemma3 implements Architecture {

  private static final int DEFAULT_WINDOW_PERIOD = 6;
  private static final double FULL_THETA = 1_000_000;
  private static final double WINDOW_THETA = 10_000;

  @Override
  public String className() {
    return "Gemma3ForCausalLM";
  }

  @Override
  public String modelType() {
    return "gemma3_text";
  }

  /** {@code _sliding_window_pattern} is bookkeeping beside {@code layer_types}. */
  @Override
  public Set<String> fields() {
    return ImmutableSet.<String>builder()
        .addAll(GemmaFields.NAMES)
        .add("_sliding_window_pattern")
        .add("rope_local_base_freq")
        .add("sliding_window_pattern")
        .build();
  }

  @Override
  public Defaults defaults() {
    return new Defaults(
        262208,
        2304,
        9216,
        26,
        8,
        OptionalInt.of(4),
        OptionalInt.of(256),
        131072,
        OptionalInt.of(1));
  }

  @Override
  public boolean tiesOutput() {
    return true;
  }

  @Override
  public boolean queryKeyNorm() {
    return true;
  }

  @Override
  public Biases biases(ConfigObject config) throws ExportException {
    return GemmaFields.biases(config);
  }

  @Override
  public DecoderTraits traits(ConfigObject config) throws ExportException {
    if (config.has("attn_logit_softcapping")) {
      throw config.wrong("attn_logit_softcapping", "null, since transformers does not apply it");
    }
    return GemmaFields.traits(
        config,
        defaults().hiddenSize(),
        Optional.empty(),
        GemmaFields.softCap(config, "final_logit_softcapping", Optional.empty()));
  }

  @Override
  public RopeSource rope(ConfigObject config) throws ExportException {
    return RopeSource.ofLayers(
        config, "full_attention", Optional.of("rope_scaling"), "rope_theta", FULL_THETA);
  }

  @Override
  public Optional<RopeSource> windowRope(ConfigObject config) throws ExportException {
    return Optional.of(
        RopeSource.ofLayers(
            config, "sliding_attention", Optional.empty(), "rope_local_base_freq", WINDOW_THETA));
  }

  @Override
  public List<Integer> layerWindows(ConfigObject config, int layerCount) throws ExportException {
    int period = config.optionalPositive("sliding_window_pattern").orElse(DEFAULT_WINDOW_PERIOD);
    return LayerWindows.periodic(config, layerCount, period);
  }

  @Override
  public List<BlockSource> blocks(ModelConfig model) {
    return GemmaTensors.blocks(model);
  }
}
