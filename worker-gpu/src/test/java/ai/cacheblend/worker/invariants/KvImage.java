package ai.cacheblend.worker.invariants;

import ai.cacheblend.worker.kv.NativeKvSequence;
import java.util.Arrays;

/** KV of a sequence at one moment, [layer][position][KV heads · head size], keys as rotated. */
final class KvImage {
  private final float[][][] keys;
  private final float[][][] values;

  KvImage(NativeKvSequence sequence, int positionCount) {
    keys = new float[SmallModel.LAYERS][positionCount][];
    values = new float[SmallModel.LAYERS][positionCount][];
    for (int layer = 0; layer < SmallModel.LAYERS; layer++) {
      split(sequence.keys(layer, positionCount), keys[layer]);
      split(sequence.values(layer, positionCount), values[layer]);
    }
  }

  private static void split(float[] all, float[][] rows) {
    int size = all.length / rows.length;
    for (int row = 0; row < rows.length; row++) {
      rows[row] = Arrays.copyOfRange(all, row * size, (row + 1) * size);
    }
  }

  float[] key(int layer, int position) {
    return keys[layer][position];
  }

  float[] value(int layer, int position) {
    return values[layer][position];
  }

  int positionCount() {
    return keys[0].length;
  }
}
