package ai.cacheblend.worker.invariants;

import ai.cacheblend.worker.kv.KvShape;

/** Reference of rotary embedding, in double: element i of a head pairs with i + headSize / 2. */
final class Rotation {
  private static final double THETA = 10000;

  private Rotation() {}

  /** Rotates all heads of a row by a number of positions. */
  static float[] rotate(float[] row, KvShape shape, int positions) {
    int size = shape.headSize();
    int half = size / 2;
    float[] out = new float[row.length];
    for (int head = 0; head < row.length; head += size) {
      for (int i = 0; i < half; i++) {
        double angle = positions * Math.pow(THETA, -(double) i / half);
        double a = row[head + i];
        double b = row[head + half + i];
        out[head + i] = (float) (a * Math.cos(angle) - b * Math.sin(angle));
        out[head + half + i] = (float) (b * Math.cos(angle) + a * Math.sin(angle));
      }
    }
    return out;
  }

  static double squaredDistance(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      double difference = (double) a[i] - b[i];
      sum += difference * difference;
    }
    return sum;
  }
}
