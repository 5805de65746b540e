package ai.cacheblend.worker.export.weights;

import ai.cacheblend.worker.export.weights.WeightSource.FloatStream;
import java.io.IOException;

/** A matrix that is computed in panels of some rows. */
public final class RowPanels implements FloatStream {

  /** 4 MB of numbers. */
  private static final int PANEL_ELEMENTS = 1 << 20;

  /** Computes the rows {@code [first, first + count)} of a matrix; called in ascending order. */
  public interface Decoder {
    void decode(int first, int count, float[] into) throws IOException;
  }

  private final int rows;
  private final int columns;
  private final int panelRows;
  private final Decoder decoder;
  private final float[] panel;
  private int nextRow;
  private int used;
  private int filled;

  /**
   * Begins at the first row.
   *
   * @param unit panels have a multiple of this many rows, except for the last
   */
  public RowPanels(int rows, int columns, int unit, Decoder decoder) {
    this.rows = rows;
    this.columns = columns;
    this.decoder = decoder;
    panelRows = Math.min(rows, Math.max(1, PANEL_ELEMENTS / columns / unit) * unit);
    panel = new float[Math.multiplyExact(panelRows, columns)];
  }

  @Override
  public void read(float[] into, int count) throws IOException {
    for (int done = 0; done < count; ) {
      if (used == filled) {
        int part = Math.min(panelRows, rows - nextRow);
        decoder.decode(nextRow, part, panel);
        nextRow += part;
        filled = part * columns;
        used = 0;
      }
      int part = Math.min(count - done, filled - used);
      System.arraycopy(panel, used, into, done, part);
      used += part;
      done += part;
    }
  }
}
