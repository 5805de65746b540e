package ai.cacheblend.worker.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.common.primitives.ImmutableIntArray;
import java.util.List;
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

  @Test
  void scoresOmitForcedRows() {
    LayerScores scores =
        PackedRows.scores(3, new long[] {9, 1, 2, 3, 9}, new float[] {8, 0.5f, -1, 0, 8}, 1, 4);

    assertThat(scores.layer()).isEqualTo(3);
    assertThat(scores.positions().asList()).containsExactly(1, 3);
    assertThat(scores.scores().asList()).containsExactly(0.5, 0.0);
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
