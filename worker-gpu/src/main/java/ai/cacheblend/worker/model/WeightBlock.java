package ai.cacheblend.worker.model;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * A range of bytes in the weights file: row-major, little-endian. Projections that read the same
 * input are stacked in one block, so that a graph can use them as one matrix or as several.
 */
public record WeightBlock(String name, Dtype dtype, List<Integer> shape, long offset) {

  public WeightBlock {
    requireNonNull(name, "name is null");
    requireNonNull(dtype, "dtype is null");
    shape = List.copyOf(shape);
    checkArgument(
        shape.size() == 1 || shape.size() == 2, "%s has %s dimensions", name, shape.size());
    for (int size : shape) {
      checkArgument(size > 0, "%s has a dimension of %s", name, size);
    }
    checkArgument(offset >= 0, "%s is at offset %s", name, offset);
  }

  public int rowCount() {
    return shape.get(0);
  }

  /** Bytes of one row; of one element in a block with one dimension. */
  public long rowByteCount() {
    return (long) dtype.byteCount() * (shape.size() == 2 ? shape.get(1) : 1);
  }

  public long byteCount() {
    return rowByteCount() * rowCount();
  }

  public long end() {
    return offset + byteCount();
  }

  /** Rows {@code [firstRow, firstRow + count)} as a separate block over the same bytes. */
  public WeightBlock rows(String sliceName, int firstRow, int count) {
    checkArgument(
        firstRow >= 0 && count > 0 && firstRow + count <= rowCount(),
        "rows [%s, %s) of %s, which has %s",
        firstRow,
        firstRow + count,
        name,
        rowCount());
    List<Integer> sliceShape = shape.size() == 2 ? List.of(count, shape.get(1)) : List.of(count);
    return new WeightBlock(sliceName, dtype, sliceShape, offset + firstRow * rowByteCount());
  }
}
