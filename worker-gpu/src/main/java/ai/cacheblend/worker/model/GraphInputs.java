package ai.cacheblend.worker.model;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import com.google.common.primitives.ImmutableIntArray;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Packs the rows of a step into the inputs of the graph. The tensors and their memory are reused
 * from step to step. Single thread.
 */
final class GraphInputs implements AutoCloseable {
  private static final int CHOICE_FIELDS = 4;
  private static final int TOKEN_HANDLES = 2;

  private final Int64Tensors tokenIds;
  private final PositionInput positions;
  private final Int64Tensors rowOffsets;
  private final Int64Tensors handles;
  private final Int64Tensors keepCounts;
  private final Int64Tensors compareKeys;
  private final Int64Tensors weighByAttention;
  private final Int64Tensors choices;
  private final Int64Tensors probeLayers;
  private final Int64Tensors queryCounts;
  private final Int64Tensors stepTokens;
  private final int layerCount;
  private final Map<String, OnnxTensor> tensors = new LinkedHashMap<>();

  GraphInputs(OrtEnvironment environment, int layerCount) {
    this.layerCount = layerCount;
    tokenIds = new Int64Tensors(environment);
    positions = new PositionInput(environment);
    rowOffsets = new Int64Tensors(environment);
    handles = new Int64Tensors(environment);
    keepCounts = new Int64Tensors(environment);
    compareKeys = new Int64Tensors(environment);
    weighByAttention = new Int64Tensors(environment);
    choices = new Int64Tensors(environment);
    probeLayers = new Int64Tensors(environment);
    queryCounts = new Int64Tensors(environment);
    stepTokens = new Int64Tensors(environment);
  }

  /** Tensors by input name, valid until the next call. */
  Map<String, OnnxTensor> of(Step step, TokenLinks links) throws OrtException {
    int rowCount = step.rowCount();
    int sequenceCount = step.sequences().size();
    writeRows(step.sequences(), rowCount, links);
    writeSequences(step.sequences(), step.checkCount());
    writeAttention(step.sequences());

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
    tensors.put(GraphContract.WEIGH_BY_ATTENTION, weighByAttention.tensor(sequenceCount));
    tensors.put(GraphContract.CHOICES, choices.tensor(CHOICE_FIELDS, sequenceCount));
    tensors.put(GraphContract.PROBE_LAYERS, probeLayers.tensor(layerCount, sequenceCount));
    tensors.put(GraphContract.QUERY_COUNTS, queryCounts.tensor(sequenceCount));
    tensors.put(GraphContract.STEP_TOKENS, stepTokens.tensor(TOKEN_HANDLES));
    return tensors;
  }

  private void writeRows(List<SequenceStep> sequences, int rowCount, TokenLinks links) {
    long[] ids = tokenIds.stage(rowCount);
    long[] offsets = rowOffsets.stage(sequences.size() + 1);
    int row = 0;
    offsets[0] = 0;
    for (int s = 0; s < sequences.size(); s++) {
      SequenceStep sequence = sequences.get(s);
      for (int i = 0; i < sequence.rowCount(); i++) {
        ids[row++] = links.tokenId(sequence, sequence.tokenIds().get(i));
      }
      offsets[s + 1] = row;
    }
    tokenIds.write(rowCount);
    rowOffsets.write(sequences.size() + 1);
    long[] handles = stepTokens.stage(TOKEN_HANDLES);
    handles[0] = links.computed();
    handles[1] = links.earlier();
    stepTokens.write(TOKEN_HANDLES);
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

  private void writeAttention(List<SequenceStep> sequences) {
    int count = sequences.size();
    long[] weigh = weighByAttention.stage(count);
    long[] fields = choices.stage(CHOICE_FIELDS * count);
    long[] layers = probeLayers.stage(layerCount * count);
    long[] queries = queryCounts.stage(count);
    Arrays.fill(layers, 0, layerCount * count, 0);
    for (int s = 0; s < count; s++) {
      SequenceStep sequence = sequences.get(s);
      RowChoice choice = sequence.selection().choice();
      weigh[s] = sequence.selection().weighByAttention() ? 1 : 0;
      fields[s] = choice.count();
      fields[count + s] = choice.anchorCount();
      fields[2 * count + s] = choice.headDepth();
      fields[3 * count + s] = choice.headEnd();
      queries[s] = sequence.queryCount();
      if (sequence.probe().isPresent()) {
        ImmutableIntArray probed = sequence.probe().get().layers();
        for (int i = 0; i < probed.length(); i++) {
          layers[probed.get(i) * count + s] = 1;
        }
      }
    }
    weighByAttention.write(count);
    choices.write(CHOICE_FIELDS * count);
    probeLayers.write(layerCount * count);
    queryCounts.write(count);
  }

  @Override
  public void close() {
    tokenIds.close();
    positions.close();
    rowOffsets.close();
    handles.close();
    keepCounts.close();
    compareKeys.close();
    weighByAttention.close();
    choices.close();
    probeLayers.close();
    queryCounts.close();
    stepTokens.close();
  }
}
