package ai.cacheblend.worker.export.config;

import ai.cacheblend.worker.export.ExportException;
import com.google.common.collect.ImmutableSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * {@code Qwen3ForCausalLM}: a norm per query and key head, head size apart from the hidden size.
 */
final class Qwen3 implements Architecture {

  @Override
  public String className() {
    return "Qwen3ForCausalLM";
  }

  @Override
  public String modelType() {
    return "qwen3";
  }

  @Override
  public Set<String> fields() {
    return ImmutableSet.<String>builder().addAll(LayerWindows.FIELDS).add("attention_bias").build();
  }

  @Override
  public Defaults defaults() {
    return new Defaults(
        151936,
        4096,
        22016,
        32,
        32,
        OptionalInt.of(32),
        OptionalInt.of(128),
        32768,
        OptionalInt.empty());
  }

  @Override
  public Biases biases(ConfigObject config) throws ExportException {
    boolean attention = config.flag("attention_bias");
    return new Biases(attention, attention, false);
  }

  @Override
  public boolean queryKeyNorm() {
    return true;
  }

  @Override
  public List<Integer> layerWindows(ConfigObject config, int layerCount) throws ExportException {
    return LayerWindows.read(config, layerCount);
  }
}
