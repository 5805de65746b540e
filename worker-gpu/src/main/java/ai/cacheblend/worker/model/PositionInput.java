package ai.cacheblend.worker.model;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import com.google.common.primitives.ImmutableIntArray;

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
    if (positions instanceof Positions.Range range && range.from() == 0) {
      return ramp(count);
    }
    others.write(values(positions));
    return others.tensor(count);
  }

  private OnnxTensor ramp(int count) throws OrtException {
    if (rampLength < count) {
      rampLength = Math.max(count, 2 * rampLength);
      ramp.write(values(Positions.upTo(rampLength)));
    }
    return ramp.tensor(count);
  }

  private static int[] values(Positions positions) {
    if (positions instanceof Positions.Listed listed) {
      ImmutableIntArray values = listed.values();
      return values.toArray();
    }
    int[] values = new int[positions.count()];
    for (int row = 0; row < values.length; row++) {
      values[row] = positions.get(row);
    }
    return values;
  }

  @Override
  public void close() {
    ramp.close();
    others.close();
  }
}
