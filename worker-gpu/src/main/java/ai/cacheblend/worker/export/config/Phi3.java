package ai.cacheblend.worker.export.config;

import ai.cacheblend.worker.export.ExportException;
import ai.cacheblend.worker.export.weights.BlockSource;
import ai.cacheblend.worker.export.weights.Phi3Tensors;
import ai.cacheblend.worker.model.ModelConfig;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/** {@code Phi3ForCausalLM}, which Phi-3.5, Phi-4 and Phi-4-mini use too. */
final class Phi3 implements Architecture {

  @Override
  public String className() {
    return "Phi3ForCausalLM";
  }

  @Override
  public String modelType() {
    return "phi3";
  }

  /** Dropout does not apply; {@code auto_map} and {@code interpolate_factor} are bookkeeping. */
  @Override
  public Set<String> fields() {
    return Set.of(
        "auto_map",
        "embd_pdrop",
        "full_attn_mod",
        "interpolate_factor",
        "original_max_position_embeddings",
        "partial_rotary_factor",
        "resid_pdrop",
        "sliding_window");
  }

  @Override
  public Defaults defaults() {
    return new Defaults(
        32064,
        3072,
        8192,
        32,
        32,
        OptionalInt.empty(),
        OptionalInt.empty(),
        4096,
        OptionalInt.of(32000));
  }

  @Override
  public double normEpsilon() {
    return 1e-5;
  }

  @Override
  public boolean rotatesPartially() {
    return true;
  }

  /** Older names of {@code longrope}, as transformers replaces them. */
  @Override
  public String ropeType(String name) {
    return name.equals("su") || name.equals("yarn") ? "longrope" : name;
  }

  @Override
  public List<Integer> layerWindows(ConfigObject config, int layerCount) throws ExportException {
    return Collections.nCopies(layerCount, config.optionalPositive("sliding_window").orElse(0));
  }

  @Override
  public List<BlockSource> blocks(ModelConfig model) {
    return Phi3Tensors.blocks(model);
  }
}
