package ai.cacheblend.worker.model;

import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import java.util.List;

/**
 * Splits packed rows by sequence. Selections keep the last row of every sequence, and positions
 * ascend within a sequence, so the rows of a sequence end at its last position.
 */
final class PackedRows {
  private PackedRows() {}

  /**
   * Rows of sequence s are {@code [offsets[s], offsets[s + 1])}. Only of sequences that do not
   * probe; rows of probes may follow.
   */
  static int[] offsets(long[] positions, Step step) {
    List<SequenceStep> sequences = step.sequences().subList(0, step.continuingCount());
    int[] offsets = new int[sequences.size() + 1];
    int row = 0;
    for (int s = 0; s < sequences.size(); s++) {
      Positions stepPositions = sequences.get(s).positions();
      int last = stepPositions.get(stepPositions.count() - 1);
      while (row < positions.length && positions[row] != last) {
        row++;
      }
      offsets[s + 1] = ++row;
    }
    boolean probes = sequences.size() < step.sequences().size();
    if (row > positions.length || (row < positions.length && !probes)) {
      throw new ModelFailureException(
          "the graph returned %d rows that do not end at the last rows of the step's %d sequences"
              .formatted(positions.length, sequences.size()));
    }
    return offsets;
  }

  static ImmutableIntArray range(long[] values, int from, int to) {
    ImmutableIntArray.Builder ints = ImmutableIntArray.builder(to - from);
    for (int i = from; i < to; i++) {
      ints.add((int) values[i]);
    }
    return ints.build();
  }

  /** Attention of the rows at these positions, from row {@code from} on; omits forced rows. */
  static AttentionScores attention(Positions positions, float[] attention, int from) {
    ImmutableIntArray.Builder scoredPositions = ImmutableIntArray.builder();
    ImmutableDoubleArray.Builder values = ImmutableDoubleArray.builder();
    for (int i = 0; i < positions.count(); i++) {
      if (attention[from + i] >= 0) {
        scoredPositions.add(positions.get(i));
        values.add(attention[from + i]);
      }
    }
    return new AttentionScores(scoredPositions.build(), values.build());
  }

  /** Omits forced rows, whose score is −1. */
  static LayerScores scores(int layer, long[] positions, float[] scores, int from, int to) {
    ImmutableIntArray.Builder scoredPositions = ImmutableIntArray.builder();
    ImmutableDoubleArray.Builder values = ImmutableDoubleArray.builder();
    for (int row = from; row < to; row++) {
      if (scores[row] >= 0) {
        scoredPositions.add((int) positions[row]);
        values.add(scores[row]);
      }
    }
    return new LayerScores(layer, scoredPositions.build(), values.build());
  }
}
