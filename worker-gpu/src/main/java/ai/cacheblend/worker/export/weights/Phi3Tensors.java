package ai.cacheblend.worker.export.weights;

import static ai.cacheblend.worker.export.weights.TensorSpec.matrix;

import ai.cacheblend.worker.model.ModelConfig;
import java.util.List;
import java.util.Optional;

/**
 * Tensor names of Phi-3: those of Llama, with one tensor for q, k and v and one for gate and up.
 */
public final class Phi3Tensors {

  private Phi3Tensors() {}

  /** The blocks of the weights file, in its order, without the rotation tables. */
  public static List<BlockSource> blocks(ModelConfig config) {
    return LlamaTensors.blocks(config).stream().map(block -> fused(block, config)).toList();
  }

  private static BlockSource fused(BlockSource block, ModelConfig config) {
    String first = block.tensors().get(0).name();
    ModelConfig.Attention attention = config.attention();
    if (first.endsWith(".q_proj.weight")) {
      int rows = attention.queryWidth() + 2 * attention.kvWidth();
      TensorSpec all = matrix(first.replace(".q_proj.", ".qkv_proj."), rows, config.hiddenSize());
      return BlockSource.of(block.block(), all.withHeadRows(headRows(config)));
    }
    if (first.endsWith(".gate_proj.weight")) {
      return BlockSource.of(
          block.block(),
          matrix(
              first.replace(".gate_proj.", ".gate_up_proj."),
              2 * config.feedForward().size(),
              config.hiddenSize()));
    }
    return block;
  }

  private static Optional<HeadRows> headRows(ModelConfig config) {
    ModelConfig.Attention attention = config.attention();
    return config
        .rope()
        .angles()
        .map(angles -> 2 * angles.perPosition().size())
        .filter(rotated -> rotated < attention.headSize())
        .map(
            rotated ->
                new HeadRows(
                    attention.queryHeadCount() + attention.kvHeadCount(),
                    attention.headSize(),
                    rotated));
  }
}
