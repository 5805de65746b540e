package ai.cacheblend.worker.invariants;

/** Reference of rotary embedding, in double: element i of a head pairs with i + headSize / 2. */
final class Rotation {
  private Rotation() {}

  /** Rotates all heads of a layer's row by a number of positions. */
  static float[] rotate(float[] row, SmallModel model, int layer, int positions) {
    int size = model.shape().headSize();
    double[] angles = model.angles(layer);
    int half = size / 2;
    float[] out = new float[row.length];
    for (int head = 0; head < row.length; head += size) {
      for (int i = 0; i < half; i++) {
        double angle = positions * angles[i];
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
