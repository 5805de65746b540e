package ai.cacheblend.worker.export.weights;

import ai.cacheblend.worker.model.ModelConfig;
import java.util.List;
import java.util.stream.Stream;

/**
 * Tensor names of Gemma 2 and 3: those of Llama, with norms that multiply by 1 + their numbers, and
 * two more norms per layer. {@code post_attention_layernorm} is the one behind the attention.
 */
public final class GemmaTensors {

  private GemmaTensors() {}

  /** The blocks of the weights file, in its order, without the rotation tables. */
  public static List<BlockSource> blocks(ModelConfig config) {
    return LlamaTensors.blocks(config).stream()
        .map(GemmaTensors::zeroCentered)
        .flatMap(GemmaTensors::withOutputNorms)
        .toList();
  }

  private static BlockSource zeroCentered(BlockSource block) {
    return new BlockSource(
        block.block(),
        block.tensors().stream()
            .map(spec -> spec.role() == TensorSpec.Role.NORM ? spec.zeroCentered() : spec)
            .toList());
  }

  private static Stream<BlockSource> withOutputNorms(BlockSource block) {
    TensorSpec norm = block.tensors().get(0);
    if (!norm.name().endsWith(".post_attention_layernorm.weight")) {
      return Stream.of(block);
    }
    return Stream.of(
        BlockSource.of(block.block().replace(".mlp_norm.", ".attention_output_norm."), norm),
        BlockSource.of(block.block(), at(norm, "pre_feedforward_layernorm")),
        BlockSource.of(
            block.block().replace(".mlp_norm.", ".mlp_output_norm."),
            at(norm, "post_feedforward_layernorm")));
  }

  private static TensorSpec at(TensorSpec norm, String name) {
    return norm.named(norm.name().replace("post_attention_layernorm", name));
  }
}
