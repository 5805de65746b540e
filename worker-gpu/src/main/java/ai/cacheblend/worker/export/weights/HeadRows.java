package ai.cacheblend.worker.export.weights;

import static com.google.common.base.Preconditions.checkArgument;

import ai.cacheblend.worker.export.weights.WeightSource.FloatStream;
import java.io.IOException;

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
    return new Reordered(stored, columns);
  }

  private final class Reordered implements FloatStream {
    private final FloatStream stored;
    private final int columns;
    private final float[] head;
    private final long end;
    private long next;

    Reordered(FloatStream stored, int columns) {
      this.stored = stored;
      this.columns = columns;
      this.head = new float[Math.multiplyExact(headSize, columns)];
      this.end = (long) headCount * head.length;
    }

    @Override
    public void read(float[] into, int count) throws IOException {
      int done = 0;
      while (done < count && next < end) {
        int inHead = (int) (next % head.length);
        if (inHead == 0) {
          stored.read(head, head.length);
        }
        int column = inHead % columns;
        int part = Math.min(count - done, columns - column);
        System.arraycopy(head, source(inHead / columns) * columns + column, into, done, part);
        done += part;
        next += part;
      }
      if (done == 0) {
        stored.read(into, count);
      } else if (done < count) {
        float[] rest = new float[count - done];
        stored.read(rest, rest.length);
        System.arraycopy(rest, 0, into, done, rest.length);
      }
    }
  }
}
