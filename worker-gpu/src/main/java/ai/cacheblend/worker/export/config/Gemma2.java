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

/** {@code Gemma2ForCausalLM}: soft caps; every other layer has a window, from the first on. */
final class Gemma2 implements Architecture {

  private static final int WINDOW_PERIOD = 2;

  @Override
  public String className() {
    return "Gemma2ForCausalLM";
  }

  @Override
  public String modelType() {
    return "gemma2";
  }

  /** {@code sliding_window_size} repeats {@code sliding_window}; transformers ignores it. */
  @Override
  public Set<String> fields() {
    return ImmutableSet.<String>builder()
        .addAll(GemmaFields.NAMES)
        .add("sliding_window_size")
        .build();
  }

  @Override
  public Defaults defaults() {
    return new Defaults(
        256000, 2304, 9216, 26, 8, OptionalInt.of(4), OptionalInt.of(256), 8192, OptionalInt.of(1));
  }

  @Override
  public boolean tiesOutput() {
    return true;
  }

  @Override
  public Biases biases(ConfigObject config) throws ExportException {
    return GemmaFields.biases(config);
  }

  @Override
  public DecoderTraits traits(ConfigObject config) throws ExportException {
    return GemmaFields.traits(
        config,
        defaults().hiddenSize(),
        GemmaFields.softCap(config, "attn_logit_softcapping", Optional.of(50.0)),
        GemmaFields.softCap(config, "final_logit_softcapping", Optional.of(30.0)));
  }

  @Override
  public List<Integer> layerWindows(ConfigObject config, int layerCount) throws ExportException {
    return LayerWindows.periodic(config, layerCount, WINDOW_PERIOD);
  }

  @Override
  public List<BlockSource> blocks(ModelConfig model) {
    return GemmaTensors.blocks(model);
  }
}
