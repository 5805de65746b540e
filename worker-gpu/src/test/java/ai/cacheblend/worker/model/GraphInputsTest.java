package ai.cacheblend.worker.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import com.google.common.primitives.ImmutableIntArray;
import java.nio.LongBuffer;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GraphInputsTest {
  private final GraphInputs inputs = new GraphInputs(OrtEnvironment.getEnvironment());

  @AfterEach
  void close() {
    inputs.close();
  }

  @Test
  void everyStepFindsItsOwnValues() throws OrtException {
    // Longer, shorter, as long as before; more lengths than tensors are kept.
    for (int count : new int[] {3, 1, 200, 3, 5000, 200, 1, 5001, 7}) {
      assertHolds(step(count, Positions.upTo(count)));
      assertHolds(step(1, Positions.only(count)));
      assertHolds(step(3, new Positions.Listed(ImmutableIntArray.of(0, count, count + 2))));
    }
    for (int count = 1; count <= 40; count++) {
      assertHolds(step(count, Positions.upTo(count)));
      assertHolds(step(count, new Positions.Range(2, 2 + count)));
    }
  }

  @Test
  void shapesAreThoseOfOneSequence() throws OrtException {
    Map<String, OnnxTensor> tensors = inputs.of(step(4, Positions.upTo(4)));

    assertThat(tensors.get("token_ids").getInfo().getShape()).containsExactly(4);
    assertThat(tensors.get("row_offsets").getInfo().getShape()).containsExactly(2);
    assertThat(tensors.get("keep_counts").getInfo().getShape()).containsExactly(2, 1);
  }

  @Test
  void stepsOfOneLengthShareTheirTensors() throws OrtException {
    OnnxTensor first = inputs.of(step(100, Positions.upTo(100))).get("token_ids");
    inputs.of(step(1, Positions.only(100)));

    assertThat(inputs.of(step(100, Positions.upTo(100))).get("token_ids")).isSameAs(first);
  }

  private static StepInput step(int count, Positions positions) {
    return new StepInput(
        1_000_000_007L * count,
        ImmutableIntArray.copyOf(IntStream.range(0, count).map(i -> 3 * i + count)),
        positions,
        ImmutableIntArray.of(-1, count),
        count % 2 == 0,
        false,
        false,
        List.of());
  }

  private void assertHolds(StepInput step) throws OrtException {
    Map<String, OnnxTensor> tensors = inputs.of(step);
    int count = step.tokenIds().length();
    assertThat(values(tensors, "token_ids"))
        .containsExactly(step.tokenIds().stream().asLongStream().toArray());
    long[] positions =
        IntStream.range(0, count).mapToLong(row -> step.positions().get(row)).toArray();
    assertThat(values(tensors, "positions")).containsExactly(positions);
    assertThat(values(tensors, "step_positions")).containsExactly(positions);
    assertThat(values(tensors, "row_offsets")).containsExactly(0, count);
    assertThat(values(tensors, "step_row_offsets")).containsExactly(0, count);
    assertThat(values(tensors, "sequences")).containsExactly(step.sequence());
    assertThat(values(tensors, "keep_counts")).containsExactly(-1, count);
    assertThat(values(tensors, "compare_keys")).containsExactly(count % 2 == 0 ? 1 : 0);
    assertThat(values(tensors, "last_row_offsets")).containsExactly(0, 1);
  }

  private static long[] values(Map<String, OnnxTensor> tensors, String name) {
    LongBuffer buffer = tensors.get(name).getLongBuffer();
    long[] values = new long[buffer.remaining()];
    buffer.get(values);
    return values;
  }
}
