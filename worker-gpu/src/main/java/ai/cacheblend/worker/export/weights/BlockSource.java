package ai.cacheblend.worker.export.weights;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * The tensors of a checkpoint that one block of the weights file holds, stacked row after row. All
 * have the same number of columns.
 *
 * @param block name of the block, see {@link BlockNames}
 */
public record BlockSource(String block, List<TensorSpec> tensors) {

  public BlockSource {
    requireNonNull(block, "block is null");
    tensors = List.copyOf(tensors);
    checkArgument(!tensors.isEmpty(), "%s has no tensors", block);
  }

  public static BlockSource of(String block, TensorSpec... tensors) {
    return new BlockSource(block, List.of(tensors));
  }
}
