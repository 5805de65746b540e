package ai.cacheblend.worker.export.config;

import ai.cacheblend.worker.export.ExportException;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/** {@code LlamaForCausalLM}. */
final class Llama implements Architecture {

  @Override
  public String className() {
    return "LlamaForCausalLM";
  }

  @Override
  public String modelType() {
    return "llama";
  }

  @Override
  public Set<String> fields() {
    return Set.of("attention_bias", "mlp_bias", "sliding_window");
  }

  @Override
  public Defaults defaults() {
    return new Defaults(
        32000,
        4096,
        11008,
        32,
        32,
        OptionalInt.empty(),
        OptionalInt.empty(),
        2048,
        OptionalInt.of(2));
  }

  @Override
  public Biases biases(ConfigObject config) throws ExportException {
    boolean attention = config.flag("attention_bias");
    return new Biases(attention, attention, config.flag("mlp_bias"));
  }

  @Override
  public List<Integer> layerWindows(ConfigObject config, int layerCount) throws ExportException {
    if (config.has("sliding_window")) {
      throw config.wrong("sliding_window", "null");
    }
    return Architecture.super.layerWindows(config, layerCount);
  }
}
