package ai.cacheblend.worker.export.config;

import ai.cacheblend.worker.export.ExportException;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/** {@code Qwen2ForCausalLM}, which Qwen2.5 uses too: biases on q, k and v. */
final class Qwen2 implements Architecture {

  @Override
  public String className() {
    return "Qwen2ForCausalLM";
  }

  @Override
  public String modelType() {
    return "qwen2";
  }

  @Override
  public Set<String> fields() {
    return LayerWindows.FIELDS;
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
        OptionalInt.empty(),
        32768,
        OptionalInt.empty());
  }

  @Override
  public Biases biases(ConfigObject config) {
    return new Biases(true, false, false);
  }

  @Override
  public List<Integer> layerWindows(ConfigObject config, int layerCount) throws ExportException {
    return LayerWindows.read(config, layerCount);
  }
}
