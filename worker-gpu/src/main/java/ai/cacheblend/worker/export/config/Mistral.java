package ai.cacheblend.worker.export.config;

import ai.cacheblend.worker.export.ExportException;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/** {@code MistralForCausalLM}: one window for all layers. */
class Mistral implements Architecture {

  @Override
  public String className() {
    return "MistralForCausalLM";
  }

  @Override
  public String modelType() {
    return "mistral";
  }

  @Override
  public Set<String> fields() {
    return Set.of("sliding_window");
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
    return Collections.nCopies(layerCount, LayerWindows.window(config).orElse(0));
  }
}
