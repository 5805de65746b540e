package ai.cacheblend.worker.invariants;

import ai.cacheblend.worker.kv.NativeKvSequence;

/** KV of a sequence at one moment, [layer][position][KV heads · head size], keys as rotated. */
final class KvImage {
  private final float[][][] keys;
  private final float[][][] values;

  KvImage(NativeKvSequence sequence, int positionCount) {
    keys = new float[SmallModel.LAYERS][positionCount][];
    values = new float[SmallModel.LAYERS][positionCount][];
    for (int layer = 0; layer < SmallModel.LAYERS; layer++) {
      for (int position = 0; position < positionCount; position++) {
        keys[layer][position] = sequence.key(layer, position);
        values[layer][position] = sequence.value(layer, position);
      }
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
