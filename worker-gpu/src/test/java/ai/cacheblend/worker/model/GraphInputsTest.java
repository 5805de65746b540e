package ai.cacheblend.worker.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import com.google.common.primitives.ImmutableIntArray;
import java.nio.LongBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GraphInputsTest {
  private static final List<Integer> CHECK_LAYERS = List.of(1, 4);
  private static final int LAYERS = 5;

  private final GraphInputs inputs = new GraphInputs(OrtEnvironment.getEnvironment(), LAYERS);

  @AfterEach
  void close() {
    inputs.close();
  }

  @Test
  void reusedTensorsHoldTheValuesOfEachStep() throws OrtException {
    // Longer, shorter and repeated lengths; more lengths than tensors are kept.
    for (int count : new int[] {3, 1, 200, 3, 5000, 200, 1, 5001, 7}) {
      assertHolds(sequence(count, Positions.upTo(count)));
      assertHolds(sequence(1, Positions.only(count)));
      assertHolds(sequence(3, new Positions.Listed(ImmutableIntArray.of(0, count, count + 2))));
    }
    for (int count = 1; count <= 40; count++) {
      assertHolds(sequence(count, Positions.upTo(count)));
      assertHolds(sequence(count, new Positions.Range(2, 2 + count)));
    }
  }

  @Test
  void packsTheRowsOfSeveralSequences() throws OrtException {
    Map<String, OnnxTensor> tensors =
        inputs.of(
            Step.of(
                sequence(7, ids(10, 11, 12), Positions.upTo(3), -1, 5, false),
                sequence(9, ids(20), Positions.only(40), -1, -1, true),
                sequence(
                    8, ids(30, 31), new Positions.Listed(ImmutableIntArray.of(2, 6)), 4, 3, true)),
            TokenLinks.NONE);

    assertThat(values(tensors, GraphContract.TOKEN_IDS)).containsExactly(10, 11, 12, 20, 30, 31);
    for (String name : List.of(GraphContract.POSITIONS, GraphContract.STEP_POSITIONS)) {
      assertThat(values(tensors, name)).containsExactly(0, 1, 2, 40, 2, 6);
    }
    for (String name : List.of(GraphContract.ROW_OFFSETS, GraphContract.STEP_ROW_OFFSETS)) {
      assertThat(values(tensors, name)).containsExactly(0, 3, 4, 6);
    }
    assertThat(values(tensors, GraphContract.SEQUENCES)).containsExactly(7, 9, 8);
    assertThat(shape(tensors, GraphContract.KEEP_COUNTS)).containsExactly(2, 3);
    assertThat(values(tensors, GraphContract.KEEP_COUNTS)).containsExactly(-1, -1, 4, 5, -1, 3);
    assertThat(values(tensors, GraphContract.COMPARE_KEYS)).containsExactly(0, 1, 1);
  }

  @Test
  void packsProbesAndChoicesByField() throws OrtException {
    SequenceStep probe =
        new SequenceStep(
            7,
            ids(10, 11, 12),
            new Positions.Listed(ids(0, 8, 9)),
            RowSelection.keepAll(CHECK_LAYERS),
            Optional.of(new AttentionProbe(ids(1, 4), 2)),
            Set.of());
    SequenceStep choice =
        new SequenceStep(
            9,
            ids(20, 21),
            Positions.upTo(2),
            new RowSelection(new RowChoice(6, 4, 2, 30), CHECK_LAYERS, ids(-1, -1), false, true),
            Set.of());
    Map<String, OnnxTensor> tensors = inputs.of(Step.of(probe, choice), TokenLinks.NONE);

    assertThat(shape(tensors, GraphContract.CHOICES)).containsExactly(4, 2);
    assertThat(values(tensors, GraphContract.CHOICES)).containsExactly(-1, 6, -1, 4, 0, 2, 0, 30);
    assertThat(shape(tensors, GraphContract.PROBE_LAYERS)).containsExactly(LAYERS, 2);
    assertThat(values(tensors, GraphContract.PROBE_LAYERS))
        .containsExactly(0, 0, 1, 0, 0, 0, 0, 0, 1, 0);
    assertThat(values(tensors, GraphContract.QUERY_COUNTS)).containsExactly(2, 1);
    assertThat(values(tensors, GraphContract.WEIGH_BY_ATTENTION)).containsExactly(0, 1);
    assertHolds(sequence(3, Positions.upTo(3)));
  }

  @Test
  void stepsWithDifferentSequenceCountsFollowOneAnother() throws OrtException {
    for (int count : new int[] {1, 64, 2, 1, 63, 64, 5}) {
      List<SequenceStep> sequences =
          IntStream.range(0, count)
              .mapToObj(s -> sequence(100 + s, ids(s), Positions.only(s), s, -1, s % 2 == 0))
              .toList();
      Map<String, OnnxTensor> tensors = inputs.of(new Step(sequences), TokenLinks.NONE);

      long[] each = IntStream.range(0, count).asLongStream().toArray();
      assertThat(values(tensors, GraphContract.TOKEN_IDS)).containsExactly(each);
      assertThat(values(tensors, GraphContract.ROW_OFFSETS)).hasSize(count + 1).endsWith(count);
      assertThat(values(tensors, GraphContract.QUERY_COUNTS)).hasSize(count).containsOnly(1);
      assertThat(shape(tensors, GraphContract.KEEP_COUNTS)).containsExactly(2, count);
      assertThat(values(tensors, GraphContract.KEEP_COUNTS)).startsWith(each).endsWith(-1);
    }
  }

  @Test
  void stepsOfOneLengthShareTheirTensors() throws OrtException {
    Step step = Step.of(sequence(100, Positions.upTo(100)));
    OnnxTensor first = inputs.of(step, TokenLinks.NONE).get(GraphContract.TOKEN_IDS);
    inputs.of(Step.of(sequence(1, Positions.only(100))), TokenLinks.NONE);

    assertThat(inputs.of(step, TokenLinks.NONE).get(GraphContract.TOKEN_IDS)).isSameAs(first);
  }

  private static ImmutableIntArray ids(int... ids) {
    return ImmutableIntArray.copyOf(ids);
  }

  private static SequenceStep sequence(
      long handle,
      ImmutableIntArray ids,
      Positions positions,
      int firstKeep,
      int secondKeep,
      boolean compareKeys) {
    return new SequenceStep(
        handle,
        ids,
        positions,
        new RowSelection(
            RowChoice.ALL_ROWS,
            CHECK_LAYERS,
            ImmutableIntArray.of(firstKeep, secondKeep),
            compareKeys,
            false),
        Set.of());
  }

  private static SequenceStep sequence(int count, Positions positions) {
    return sequence(
        1_000_000_007L * count,
        ImmutableIntArray.copyOf(IntStream.range(0, count).map(i -> 3 * i + count)),
        positions,
        -1,
        count,
        count % 2 == 0);
  }

  private void assertHolds(SequenceStep sequence) throws OrtException {
    Map<String, OnnxTensor> tensors = inputs.of(Step.of(sequence), TokenLinks.NONE);
    int count = sequence.rowCount();
    assertThat(values(tensors, GraphContract.TOKEN_IDS))
        .containsExactly(sequence.tokenIds().stream().asLongStream().toArray());
    long[] positions =
        IntStream.range(0, count).mapToLong(row -> sequence.positions().get(row)).toArray();
    assertThat(values(tensors, GraphContract.POSITIONS)).containsExactly(positions);
    assertThat(values(tensors, GraphContract.STEP_POSITIONS)).containsExactly(positions);
    assertThat(values(tensors, GraphContract.ROW_OFFSETS)).containsExactly(0, count);
    assertThat(values(tensors, GraphContract.STEP_ROW_OFFSETS)).containsExactly(0, count);
    assertThat(values(tensors, GraphContract.SEQUENCES)).containsExactly(sequence.handle());
    assertThat(shape(tensors, GraphContract.KEEP_COUNTS)).containsExactly(2, 1);
    assertThat(values(tensors, GraphContract.KEEP_COUNTS)).containsExactly(-1, count);
    assertThat(values(tensors, GraphContract.COMPARE_KEYS)).containsExactly(count % 2 == 0 ? 1 : 0);
    assertThat(values(tensors, GraphContract.QUERY_COUNTS)).containsExactly(1);
    assertThat(values(tensors, GraphContract.CHOICES)).containsExactly(-1, -1, 0, 0);
    assertThat(values(tensors, GraphContract.PROBE_LAYERS)).containsExactly(0, 0, 0, 0, 0);
  }

  private static long[] shape(Map<String, OnnxTensor> tensors, String name) {
    return tensors.get(name).getInfo().getShape();
  }

  private static long[] values(Map<String, OnnxTensor> tensors, String name) {
    LongBuffer buffer = tensors.get(name).getLongBuffer();
    long[] values = new long[buffer.remaining()];
    buffer.get(values);
    return values;
  }
}
