package ai.cacheblend.worker.model;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.util.LinkedHashMap;
import java.util.Map;

/** All inputs of the graph, one step after the other. Single thread. */
final class GraphInputs implements AutoCloseable {
  private final LongInput tokenIds;
  private final PositionInput positions;
  private final LongInput rowOffsets;
  private final LongInput sequences;
  private final LongInput keepCounts;
  private final LongInput compareKeys;
  private final LongInput lastRowOffsets;
  private final Map<String, OnnxTensor> tensors = new LinkedHashMap<>();

  GraphInputs(OrtEnvironment environment) {
    tokenIds = new LongInput(environment);
    positions = new PositionInput(environment);
    rowOffsets = new LongInput(environment);
    sequences = new LongInput(environment);
    keepCounts = new LongInput(environment, 1); // of one sequence
    compareKeys = new LongInput(environment);
    lastRowOffsets = new LongInput(environment);
    lastRowOffsets.write(0, 1);
  }

  /** By name; until the next call. */
  Map<String, OnnxTensor> of(StepInput input) throws OrtException {
    int rowCount = input.tokenIds().length();
    tokenIds.write(input.tokenIds());
    rowOffsets.write(0, rowCount);
    sequences.write(input.sequence());
    keepCounts.write(input.keepCounts());
    compareKeys.write(input.compareKeys() ? 1 : 0);

    OnnxTensor at = positions.tensor(input.positions());
    OnnxTensor offsets = rowOffsets.tensor(2);
    tensors.put(GraphContract.TOKEN_IDS, tokenIds.tensor(rowCount));
    tensors.put(GraphContract.POSITIONS, at);
    tensors.put(GraphContract.ROW_OFFSETS, offsets);
    tensors.put(GraphContract.STEP_POSITIONS, at);
    tensors.put(GraphContract.STEP_ROW_OFFSETS, offsets);
    tensors.put(GraphContract.SEQUENCES, sequences.tensor(1));
    tensors.put(GraphContract.KEEP_COUNTS, keepCounts.tensor(input.keepCounts().length()));
    tensors.put(GraphContract.COMPARE_KEYS, compareKeys.tensor(1));
    tensors.put(GraphContract.LAST_ROW_OFFSETS, lastRowOffsets.tensor(2));
    return tensors;
  }

  @Override
  public void close() {
    tokenIds.close();
    positions.close();
    rowOffsets.close();
    sequences.close();
    keepCounts.close();
    compareKeys.close();
    lastRowOffsets.close();
  }
}
