package ai.cacheblend.worker.model;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import com.google.common.primitives.ImmutableIntArray;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Packs the rows of a step into the inputs of the graph. The tensors and their memory are reused
 * from step to step. Single thread.
 */
final class GraphInputs implements AutoCloseable {
  private final Int64Tensors tokenIds;
  private final PositionInput positions;
  private final Int64Tensors rowOffsets;
  private final Int64Tensors handles;
  private final Int64Tensors keepCounts;
  private final Int64Tensors compareKeys;
  private final Ramp lastRowOffsets;
  private final Map<String, OnnxTensor> tensors = new LinkedHashMap<>();

  GraphInputs(OrtEnvironment environment) {
    tokenIds = new Int64Tensors(environment);
    positions = new PositionInput(environment);
    rowOffsets = new Int64Tensors(environment);
    handles = new Int64Tensors(environment);
    keepCounts = new Int64Tensors(environment);
    compareKeys = new Int64Tensors(environment);
    lastRowOffsets = new Ramp(environment);
  }

  /** Tensors by input name, valid until the next call. */
  Map<String, OnnxTensor> of(Step step) throws OrtException {
    int rowCount = step.rowCount();
    int sequenceCount = step.sequences().size();
    writeRows(step.sequences(), rowCount);
    writeSequences(step.sequences(), step.checkCount());

    OnnxTensor rowPositions = positions.tensor(step);
    OnnxTensor offsets = rowOffsets.tensor(sequenceCount + 1);
    tensors.put(GraphContract.TOKEN_IDS, tokenIds.tensor(rowCount));
    tensors.put(GraphContract.POSITIONS, rowPositions);
    tensors.put(GraphContract.ROW_OFFSETS, offsets);
    tensors.put(GraphContract.STEP_POSITIONS, rowPositions);
    tensors.put(GraphContract.STEP_ROW_OFFSETS, offsets);
    tensors.put(GraphContract.SEQUENCES, handles.tensor(sequenceCount));
    tensors.put(GraphContract.KEEP_COUNTS, keepCounts.tensor(step.checkCount(), sequenceCount));
    tensors.put(GraphContract.COMPARE_KEYS, compareKeys.tensor(sequenceCount));
    tensors.put(GraphContract.LAST_ROW_OFFSETS, lastRowOffsets.tensor(sequenceCount + 1));
    return tensors;
  }

  private void writeRows(List<SequenceStep> sequences, int rowCount) {
    long[] ids = tokenIds.stage(rowCount);
    long[] offsets = rowOffsets.stage(sequences.size() + 1);
    int row = 0;
    offsets[0] = 0;
    for (int s = 0; s < sequences.size(); s++) {
      ImmutableIntArray sequenceIds = sequences.get(s).tokenIds();
      for (int i = 0; i < sequenceIds.length(); i++) {
        ids[row++] = sequenceIds.get(i);
      }
      offsets[s + 1] = row;
    }
    tokenIds.write(rowCount);
    rowOffsets.write(sequences.size() + 1);
  }

  private void writeSequences(List<SequenceStep> sequences, int checkCount) {
    int count = sequences.size();
    long[] sequenceHandles = handles.stage(count);
    long[] counts = keepCounts.stage(checkCount * count);
    long[] keys = compareKeys.stage(count);
    for (int s = 0; s < count; s++) {
      sequenceHandles[s] = sequences.get(s).handle();
      RowSelection selection = sequences.get(s).selection();
      keys[s] = selection.compareKeys() ? 1 : 0;
      for (int check = 0; check < checkCount; check++) {
        counts[check * count + s] = selection.keepCounts().get(check);
      }
    }
    handles.write(count);
    keepCounts.write(checkCount * count);
    compareKeys.write(count);
  }

  @Override
  public void close() {
    tokenIds.close();
    positions.close();
    rowOffsets.close();
    handles.close();
    keepCounts.close();
    compareKeys.close();
    lastRowOffsets.close();
  }
}
