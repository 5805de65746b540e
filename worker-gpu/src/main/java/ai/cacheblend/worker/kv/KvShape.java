package ai.cacheblend.worker.kv;

/** Dimensions of a model's KV. */
public record KvShape(int layerCount, int kvHeadCount, int headSize) {
  public KvShape {
    requirePositive("layerCount", layerCount);
    requirePositive("kvHeadCount", kvHeadCount);
    requirePositive("headSize", headSize);
    if (headSize % 2 != 0) {
      throw new IllegalArgumentException(
          "headSize is " + headSize + ", must be even: rotation pairs its two halves");
    }
  }

  /** Elements of a key or value of one position in one layer. */
  public int rowSize() {
    return kvHeadCount * headSize;
  }

  private static void requirePositive(String field, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(field + " is " + value + ", must be 1 or more");
    }
  }
}
