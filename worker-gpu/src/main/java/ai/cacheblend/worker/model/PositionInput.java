package ai.cacheblend.worker.model;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;

/**
 * Positions of the rows of a step. A step over the whole prompt of one sequence shares the ramp 0,
 * 1, 2, … and writes nothing. Single thread.
 */
final class PositionInput implements AutoCloseable {
  private final Ramp ramp;
  private final Int64Tensors packed;

  PositionInput(OrtEnvironment environment) {
    this.ramp = new Ramp(environment);
    this.packed = new Int64Tensors(environment);
  }

  OnnxTensor tensor(Step step) throws OrtException {
    int rowCount = step.rowCount();
    if (step.sequences().size() == 1
        && step.sequences().get(0).positions() instanceof Positions.Range range
        && range.from() == 0) {
      return ramp.tensor(rowCount);
    }
    long[] values = packed.stage(rowCount);
    int row = 0;
    for (SequenceStep sequence : step.sequences()) {
      row = append(sequence.positions(), values, row);
    }
    packed.write(rowCount);
    return packed.tensor(rowCount);
  }

  /** Returns the row after the last one written. */
  private static int append(Positions positions, long[] values, int firstRow) {
    for (int i = 0; i < positions.count(); i++) {
      values[firstRow + i] = positions.get(i);
    }
    return firstRow + positions.count();
  }

  @Override
  public void close() {
    ramp.close();
    packed.close();
  }
}
