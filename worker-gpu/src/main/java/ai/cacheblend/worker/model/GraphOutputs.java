package ai.cacheblend.worker.model;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.google.common.primitives.ImmutableIntArray;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Outputs of the graph, without the next tokens. Steps are in the order of the graph: sequences
 * with outputs come first. The host waits for the copy of each output from the device, so a step
 * fetches only the outputs that its sequences request.
 */
final class GraphOutputs {
  /**
   * Of a step without requests. A step fetches at least one output, and this one is in host memory
   * before the device has run.
   */
  static final Set<String> NONE_REQUESTED = Set.of(GraphContract.FIRST_ROW_COUNT);

  private GraphOutputs() {}

  /** Names of the outputs that the step fetches. */
  static Set<String> requested(Step step) {
    Set<String> names = new LinkedHashSet<>();
    for (SequenceStep sequence : step.sequences()) {
      if (sequence.requests(StepOutput.LOGITS)) {
        names.add(GraphContract.LOGITS);
      }
      if (sequence.requests(StepOutput.ACTIVE_POSITIONS)) {
        names.add(GraphContract.ACTIVE_POSITIONS);
      }
      if (sequence.requests(StepOutput.ATTENTION)) {
        names.add(GraphContract.ATTENTION);
      }
      if (sequence.requests(StepOutput.LAYER_SCORES)) {
        for (int layer : sequence.selection().selectingLayers()) {
          names.add(GraphContract.scoredPositions(layer));
          names.add(GraphContract.scores(layer));
        }
      }
    }
    return names.isEmpty() ? NONE_REQUESTED : names;
  }

  /** One result per sequence, in the order of the step, without its next token. */
  static List<SequenceResult> read(OrtSession.Result result, Step step) throws OrtException {
    List<SequenceStep> sequences = step.sequences();
    if (step.isProbe()) {
      return Collections.nCopies(sequences.size(), SequenceResult.PROBED);
    }
    float[] logits = floats(result, GraphContract.LOGITS);
    int vocabularySize = logits.length / step.continuingCount();
    long[] active = longs(result, GraphContract.ACTIVE_POSITIONS);
    int[] activeOffsets = active.length == 0 ? new int[0] : PackedRows.offsets(active, step);
    float[] attention = floats(result, GraphContract.ATTENTION);
    List<SequenceResult> results = new ArrayList<>(sequences.size());
    int firstRow = 0;
    for (int s = 0; s < sequences.size(); s++) {
      SequenceStep sequence = sequences.get(s);
      int from = firstRow;
      firstRow += sequence.rowCount();
      if (sequence.probe().isPresent()) {
        results.add(SequenceResult.PROBED);
        continue;
      }
      results.add(
          new SequenceResult(
              SequenceResult.NO_TOKEN,
              sequence.requests(StepOutput.LOGITS)
                  ? Optional.of(Logits.view(logits, s, vocabularySize))
                  : Optional.empty(),
              sequence.requests(StepOutput.ACTIVE_POSITIONS)
                  ? PackedRows.range(active, activeOffsets[s], activeOffsets[s + 1])
                  : ImmutableIntArray.of(),
              sequence.requests(StepOutput.LAYER_SCORES) ? layerScores(result, step, s) : List.of(),
              sequence.requests(StepOutput.ATTENTION)
                  ? PackedRows.attention(sequence.positions(), attention, from)
                  : AttentionScores.NONE));
    }
    return results;
  }

  private static List<LayerScores> layerScores(OrtSession.Result result, Step step, int s) {
    List<LayerScores> scores = new ArrayList<>();
    for (int layer : step.sequences().get(s).selection().selectingLayers()) {
      long[] positions = longs(result, GraphContract.scoredPositions(layer));
      int[] offsets = PackedRows.offsets(positions, step);
      scores.add(
          PackedRows.scores(
              layer,
              positions,
              floats(result, GraphContract.scores(layer)),
              offsets[s],
              offsets[s + 1]));
    }
    return scores;
  }

  /** Empty if the output was not fetched. */
  private static long[] longs(OrtSession.Result result, String name) {
    return result
        .get(name)
        .map(
            value -> {
              LongBuffer buffer = ((OnnxTensor) value).getLongBuffer();
              long[] values = new long[buffer.remaining()];
              buffer.get(values);
              return values;
            })
        .orElseGet(() -> new long[0]);
  }

  /** Empty if the output was not fetched. */
  private static float[] floats(OrtSession.Result result, String name) {
    return result
        .get(name)
        .map(
            value -> {
              FloatBuffer buffer = ((OnnxTensor) value).getFloatBuffer();
              float[] values = new float[buffer.remaining()];
              buffer.get(values);
              return values;
            })
        .orElseGet(() -> new float[0]);
  }
}
