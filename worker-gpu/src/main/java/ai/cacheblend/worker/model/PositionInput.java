package ai.cacheblend.worker.model;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;

/**
 * The positions of a step's rows. Those of a whole prompt are 0, 1, 2, …: they are written once,
 * and a step takes as many as it has rows. Single thread.
 */
final class PositionInput implements AutoCloseable {
  private final LongInput ramp;
  private final LongInput others;
  private int rampLength;

  PositionInput(OrtEnvironment environment) {
    this.ramp = new LongInput(environment);
    this.others = new LongInput(environment);
  }

  OnnxTensor tensor(Positions positions) throws OrtException {
    int count = positions.count();
    if (positions instanceof Positions.Listed listed) {
      others.write(listed.values());
    } else {
      int first = positions.get(0);
      if (first == 0) {
        return ramp(count);
      }
      others.writeRange(first, first + count);
    }
    return others.tensor(count);
  }

  private OnnxTensor ramp(int count) throws OrtException {
    if (rampLength < count) {
      rampLength = Math.max(count, 2 * rampLength);
      ramp.writeRange(0, rampLength);
    }
    return ramp.tensor(count);
  }

  @Override
  public void close() {
    ramp.close();
    others.close();
  }
}
