package ai.cacheblend.worker.export.weights;

import static com.google.common.base.Preconditions.checkArgument;

import ai.cacheblend.worker.export.weights.WeightSource.FloatStream;

/**
 * Order of the rows of query and key projections whose heads are rotated in part. The checkpoint
 * rotates elements i and i + rotated/2 of a head; the graph rotates i and i + headSize/2. Scores do
 * not depend on the order, as queries and keys have the same.
 *
 * @param headCount heads of the tensor, from its first row; the rows behind them stay as they are
 * @param rotated elements of a head that are rotated, the first ones in the checkpoint
 */
public record HeadRows(int headCount, int headSize, int rotated) {

  public HeadRows {
    checkArgument(
        rotated > 0 && rotated % 2 == 0 && rotated <= headSize && headSize % 2 == 0,
        "rotated is %s of a head of %s",
        rotated,
        headSize);
  }

  /** The row of the checkpoint that is row {@code row} of a head in the graph. */
  int source(int row) {
    int pairs = rotated / 2;
    int half = headSize / 2;
    boolean second = row >= half;
    int inHalf = second ? row - half : row;
    if (inHalf < pairs) {
      return second ? pairs + inHalf : inHalf;
    }
    return rotated + inHalf - pairs + (second ? half - pairs : 0);
  }

  /** The numbers of a tensor in the order of the graph; buffers one head. */
  FloatStream reordered(FloatStream stored, int columns) {
    return new HeadStream(stored, columns, headCount, headSize, this::source);
  }
}
