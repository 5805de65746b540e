package ai.cacheblend.worker.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import ai.cacheblend.worker.TestDevice;
import ai.onnxruntime.OrtException;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LastRowsOpTest {
  /** Rows of three sequences. */
  private static final long[] POSITIONS = {0, 7, 8, 9, 30, 1, 2, 50};

  private static final long[] OFFSETS = {0, 4, 5, 8};

  private final OpFixture fixture = new OpFixture();
  private final NativeKvSequence[] sequences =
      Stream.generate(() -> fixture.pool.reserve(64)).limit(3).toArray(NativeKvSequence[]::new);

  @AfterEach
  void close() throws OrtException {
    for (NativeKvSequence sequence : sequences) {
      sequence.close();
    }
    fixture.close();
  }

  @Test
  void lastRowsOfEachSequenceHaveAQuery() throws OrtException {
    Map<String, Object> outputs = run(3, 1, 2);
    assertThat((long[]) outputs.get("query_rows")).containsExactly(1, 2, 3, 4, 6, 7);
    assertThat((long[]) outputs.get("query_positions")).containsExactly(7, 8, 9, 30, 2, 50);
    assertThat((long[]) outputs.get("query_row_offsets")).containsExactly(0, 3, 4, 6);
    assertThat((long[]) outputs.get("ends")).containsExactly(2, 3, 5);
    assertThat((long[]) outputs.get("last_rows")).containsExactly(3, 4, 7);
  }

  /** The output layer has no rows of them. */
  @Test
  void probesHaveQueriesButNoLastRow() throws OrtException {
    beginProbes(0, 0, 1);
    Map<String, Object> outputs = run(3, 1, 2);
    assertThat((long[]) outputs.get("query_rows")).containsExactly(1, 2, 3, 4, 6, 7);
    assertThat((long[]) outputs.get("query_row_offsets")).containsExactly(0, 3, 4, 6);
    assertThat((long[]) outputs.get("ends")).containsExactly(2, 3);
    assertThat((long[]) outputs.get("last_rows")).containsExactly(3, 4);
  }

  @Test
  void sequencesBehindAProbeAreRefused() {
    assertThatThrownBy(() -> beginProbes(0, 1, 0))
        .hasMessageContaining("probe_layers: sequence 2 of the step needs more layers");
  }

  @Test
  void countsThatTheStepCannotHaveAreRefused() {
    assertThatThrownBy(() -> run(1, 0, 1))
        .hasMessageContaining("query_counts: 0 for sequence 1 of the step, must be 1 or more");
    assertThatThrownBy(() -> run(4, 1, 4))
        .hasMessageContaining(
            "query_counts: 4 for sequence 2 of the step, which has at most 3 active rows");
    assertThatThrownBy(() -> run(1, Long.MAX_VALUE, Long.MAX_VALUE))
        .hasMessageContaining("query_counts: " + Long.MAX_VALUE + " for sequence 1");
    assertThatThrownBy(() -> run(1, 1)).hasMessageContaining("sequences: dimension 0 is 3");
  }

  /** On CUDA only the device knows the rows of a sequence. */
  @Test
  void countAboveTheRowsOfASequenceIsRefused() {
    assumeFalse(TestDevice.isCuda());
    assertThatThrownBy(() -> run(1, 2, 1))
        .hasMessageContaining(
            "query_counts: 2 for sequence 1 of the step, which has 1 active rows");
  }

  private Map<String, Object> run(long... counts) throws OrtException {
    return fixture
        .lastRows()
        .run(
            Map.of(
                "positions",
                POSITIONS,
                "row_offsets",
                OFFSETS,
                "sequences",
                handles(),
                "query_counts",
                counts));
  }

  /** A step in which the sequences with a 1 probe. */
  private void beginProbes(long... probing) throws OrtException {
    long[] positions = {0, 1, 2, 3, 0, 0, 1, 2};
    long[] all = {-1, -1, -1};
    long[] none = {0, 0, 0};
    for (NativeKvSequence sequence : sequences) {
      sequence.allocateAttention();
    }
    Map<String, Object> inputs = new HashMap<>();
    inputs.put("token_ids", positions);
    inputs.put("positions", positions);
    inputs.put("row_offsets", OFFSETS);
    inputs.put("sequences", handles());
    inputs.put("choices", new long[][] {all, all, none, none});
    inputs.put("probe_layers", new long[][] {probing});
    inputs.put("step_positions", positions);
    inputs.put("step_row_offsets", OFFSETS);
    fixture.chooseRows().run(inputs);
  }

  private long[] handles() {
    return Stream.of(sequences).mapToLong(NativeKvSequence::handle).toArray();
  }
}
