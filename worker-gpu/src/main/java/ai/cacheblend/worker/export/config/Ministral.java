package ai.cacheblend.worker.export.config;

import ai.cacheblend.worker.export.ExportException;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * {@code MinistralForCausalLM}: Mistral with a window in the layers that {@code layer_types} names.
 * {@code mistralai/Ministral-8B-Instruct-2410} on the Hub is a {@code MistralForCausalLM}.
 */
final class Ministral implements Architecture {

  @Override
  public String className() {
    return "MinistralForCausalLM";
  }

  @Override
  public String modelType() {
    return "ministral";
  }

  @Override
  public Set<String> fields() {
    return Set.of("layer_types", "sliding_window");
  }

  @Override
  public Defaults defaults() {
    return new Defaults(
        32000,
        4096,
        14336,
        32,
        32,
        OptionalInt.of(8),
        OptionalInt.empty(),
        131072,
        OptionalInt.of(2));
  }

  @Override
  public List<Integer> layerWindows(ConfigObject config, int layerCount) throws ExportException {
    return LayerWindows.uniform(config, layerCount);
  }
}
