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
  private final LongInput deviation;
  private final LongInput lastRowOffsets;
  private final Map<String, OnnxTensor> tensors = new LinkedHashMap<>();

  GraphInputs(OrtEnvironment environment) {
    tokenIds = new LongInput(environment);
    positions = new PositionInput(environment);
    rowOffsets = new LongInput(environment);
    sequences = new LongInput(environment);
    keepCounts = new LongInput(environment, 1); // of one sequence
    deviation = new LongInput(environment);
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
    deviation.write(input.compareKeys() ? 1 : 0);

    OnnxTensor at = positions.tensor(input.positions());
    OnnxTensor offsets = rowOffsets.tensor(2);
    tensors.put("token_ids", tokenIds.tensor(rowCount));
    tensors.put("positions", at);
    tensors.put("row_offsets", offsets);
    tensors.put("step_positions", at);
    tensors.put("step_row_offsets", offsets);
    tensors.put("sequences", sequences.tensor(1));
    tensors.put("keep_counts", keepCounts.tensor(input.keepCounts().length()));
    tensors.put("deviation", deviation.tensor(1));
    tensors.put("last_row_offsets", lastRowOffsets.tensor(2));
    return tensors;
  }

  @Override
  public void close() {
    tokenIds.close();
    positions.close();
    rowOffsets.close();
    sequences.close();
    keepCounts.close();
    deviation.close();
    lastRowOffsets.close();
  }
}
