package ai.cacheblend.worker.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.common.primitives.ImmutableIntArray;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PackedRowsTest {
  /** Positions 0 to 4, 7 alone, and 2 to 5. */
  private static final Step STEP = Step.of(sequence(0, 5), sequence(7, 8), sequence(2, 6));

  @Test
  void rowsEndAtTheLastPositionOfEachSequence() {
    // The second and third sequence hold the last position of the first, or a lower one.
    assertThat(PackedRows.offsets(new long[] {1, 4, 7, 4, 5}, STEP)).containsExactly(0, 2, 3, 5);
    assertThat(PackedRows.offsets(new long[] {4, 7, 5}, STEP)).containsExactly(0, 1, 2, 3);
  }

  @Test
  void rejectsRowsWithoutTheLastRowOfASequence() {
    for (long[] positions : new long[][] {{}, {1, 4, 7, 4}, {1, 7, 5}, {4, 7, 5, 5}, {4, 5}}) {
      assertThatExceptionOfType(ModelFailureException.class)
          .isThrownBy(() -> PackedRows.offsets(positions, STEP))
          .withMessageContaining("%d rows", positions.length);
    }
  }

  /** Probes are the last sequences; their rows may have left the step. */
  @Test
  void rowsOfProbesFollow() {
    Step step = Step.of(sequence(0, 5), probe(7, 2), probe(9, 0));

    assertThat(PackedRows.offsets(new long[] {1, 4}, step)).containsExactly(0, 2);
    assertThat(PackedRows.offsets(new long[] {1, 4, 7, 9}, step)).containsExactly(0, 2);
    assertThatExceptionOfType(ModelFailureException.class)
        .isThrownBy(() -> PackedRows.offsets(new long[] {1, 7, 9}, step));
  }

  @Test
  void probesFollowTheOtherSequencesInTheGraph() {
    Step step = Step.of(probe(0, 1), sequence(0, 5), probe(0, 3), probe(0, 1), sequence(2, 6));

    assertThat(step.graphOrder().asList()).containsExactly(1, 4, 2, 0, 3);
    assertThat(step.continuingCount()).isEqualTo(2);
    assertThat(step.inGraphOrder()).isFalse();
    assertThat(Step.of(sequence(0, 5), sequence(2, 6), probe(0, 3), probe(0, 1)).inGraphOrder())
        .isTrue();
    assertThat(Step.of(probe(0, 1), probe(0, 3)).inGraphOrder()).isFalse();
  }

  @Test
  void scoresOmitForcedRows() {
    LayerScores scores =
        PackedRows.scores(3, new long[] {9, 1, 2, 3, 9}, new float[] {8, 0.5f, -1, 0, 8}, 1, 4);

    assertThat(scores.layer()).isEqualTo(3);
    assertThat(scores.positions().asList()).containsExactly(1, 3);
    assertThat(scores.scores().asList()).containsExactly(0.5, 0.0);
  }

  /** A probe of one row, which ends in a layer. */
  private static SequenceStep probe(int position, int layer) {
    return new SequenceStep(
        1,
        ImmutableIntArray.of(3),
        Positions.only(position),
        RowSelection.keepAll(List.of(1)),
        Optional.of(new AttentionProbe(ImmutableIntArray.of(0, layer), 1)),
        Set.of());
  }

  private static SequenceStep sequence(int from, int to) {
    return new SequenceStep(
        1,
        ImmutableIntArray.copyOf(new int[to - from]),
        new Positions.Range(from, to),
        RowSelection.keepAll(List.of(1)),
        Set.of());
  }
}
