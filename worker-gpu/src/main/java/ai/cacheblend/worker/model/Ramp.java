package ai.cacheblend.worker.model;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;

/** The values 0, 1, 2, … as tensors of any length, written once. Single thread. */
final class Ramp implements AutoCloseable {
  private final Int64Tensors values;
  private int length;

  Ramp(OrtEnvironment environment) {
    this.values = new Int64Tensors(environment);
  }

  OnnxTensor tensor(int count) throws OrtException {
    if (length < count) {
      length = Math.max(count, 2 * length);
      long[] ramp = values.stage(length);
      for (int i = 0; i < length; i++) {
        ramp[i] = i;
      }
      values.write(length);
    }
    return values.tensor(count);
  }

  @Override
  public void close() {
    values.close();
  }
}
