package ai.cacheblend.worker.model;

import static com.google.common.base.Preconditions.checkElementIndex;

import java.util.Arrays;

/** Logits of one row by token id: a view of a range of an array that is never written again. */
public final class Logits {
  private final float[] values;
  private final int offset;
  private final int size;

  private Logits(float[] values, int offset, int size) {
    this.values = values;
    this.offset = offset;
    this.size = size;
  }

  public static Logits of(float... values) {
    return new Logits(values.clone(), 0, values.length);
  }

  /** Shares the array, which holds the rows one after the other. */
  static Logits view(float[] rows, int row, int size) {
    return new Logits(rows, row * size, size);
  }

  public float get(int tokenId) {
    return values[offset + checkElementIndex(tokenId, size)];
  }

  public int size() {
    return size;
  }

  public float[] toArray() {
    return Arrays.copyOfRange(values, offset, offset + size);
  }
}
