package ai.cacheblend.worker.export.config;

import ai.cacheblend.worker.export.ExportException;
import java.util.List;
import java.util.Set;

/**
 * {@code MinistralForCausalLM}: Mistral with a window in the layers that {@code layer_types} names.
 * {@code mistralai/Ministral-8B-Instruct-2410} on the Hub is a {@code MistralForCausalLM}.
 */
final class Ministral extends Mistral {

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
  public List<Integer> layerWindows(ConfigObject config, int layerCount) throws ExportException {
    return LayerWindows.uniform(config, layerCount);
  }
}
