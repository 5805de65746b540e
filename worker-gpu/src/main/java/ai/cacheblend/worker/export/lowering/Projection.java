package ai.cacheblend.worker.export.lowering;

import static java.util.Objects.requireNonNull;

import ai.cacheblend.worker.export.weights.BlockNames;

/**
 * A linear layer: {@code x · W^T + b}, with W the rows {@code [firstRow, firstRow + rowCount)} of a
 * block, or all of it.
 *
 * @param slice suffix that names the rows among other slices of the block; empty: the whole block
 * @param hasBias the block's bias is added
 */
record Projection(String block, String slice, int firstRow, int rowCount, boolean hasBias) {

  Projection {
    requireNonNull(block, "block is null");
    requireNonNull(slice, "slice is null");
  }

  static Projection whole(String block, boolean hasBias) {
    return new Projection(block, "", 0, 0, hasBias);
  }

  static Projection slice(String block, String slice, int firstRow, int rowCount, boolean hasBias) {
    return new Projection(block, slice, firstRow, rowCount, hasBias);
  }

  /** The same rows of the bias. */
  Projection bias() {
    return new Projection(BlockNames.bias(block), slice, firstRow, rowCount, false);
  }
}
