package ai.cacheblend.worker.export.weights;

import ai.cacheblend.worker.export.weights.WeightSource.FloatStream;
import java.io.IOException;
import java.util.function.IntUnaryOperator;

/** The rows of a query or key projection in another order within each head; buffers one head. */
public final class HeadStream implements FloatStream {
  private final FloatStream stored;
  private final int columns;
  private final IntUnaryOperator source;
  private final float[] head;
  private final long end;
  private long next;

  /**
   * @param headCount heads of the tensor, from its first row; the rows behind them stay as they are
   * @param source the stored row of a head that is its row in the new order
   */
  public HeadStream(
      FloatStream stored, int columns, int headCount, int headSize, IntUnaryOperator source) {
    this.stored = stored;
    this.columns = columns;
    this.source = source;
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
      int row = source.applyAsInt(inHead / columns);
      System.arraycopy(head, row * columns + column, into, done, part);
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
