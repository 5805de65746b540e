package ai.cacheblend.worker.kv;

import static ai.cacheblend.worker.kv.OpFixture.range;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.cacheblend.worker.model.Step;
import ai.onnxruntime.OrtException;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIf;

/** Invalid inputs of a graph give exceptions that name them, and leave the pool usable. */
@DisabledIf(
    value = "ai.cacheblend.worker.TestDevice#isCuda",
    disabledReason = "what rows hold lies on the device, where the host does not look")
class KvOpsErrorTest {
  private final OpFixture fixture = new OpFixture();

  @AfterEach
  void close() throws OrtException {
    fixture.close();
  }

  @Test
  void kvInjectReportsInvalidInputsAndWritesNothing() throws OrtException {
    OpGraph inject = fixture.kvInject();
    try (NativeKvSequence sequence = fixture.pool.reserve(10)) {
      long gone;
      try (NativeKvSequence closed = fixture.pool.reserve(10)) {
        gone = closed.handle();
      }
      long handle = sequence.handle();
      assertRefused(
          inject,
          handle,
          in -> in.put("sequences", new long[] {gone}),
          "KvInject: sequence " + gone + " is unknown or closed");
      assertRefused(
          inject,
          handle,
          in -> in.put("sequences", new long[] {-1}),
          "KvInject: sequence -1 is unknown or closed");
      assertRefused(
          inject,
          handle,
          in -> in.put("sequences", new long[] {handle, handle}),
          "KvInject: row_offsets: dimension 0 is 2, expected 3 (S+1)");
      assertRefused(
          inject,
          handle,
          in -> {
            in.put("sequences", new long[] {handle, handle});
            in.put("row_offsets", new long[] {0, 2, 4});
          },
          "is named twice or in use by another call");
      assertRefused(
          inject,
          handle,
          in -> {
            in.put("sequences", new long[] {handle, handle});
            in.put("row_offsets", new long[] {0, 0, 4});
          },
          "row_offsets: sequence 0 of the step has no rows: 0 to 0");
      assertRefused(
          inject,
          handle,
          in -> in.put("positions", new long[] {7, 8, 9, 10}),
          "KvInject: positions: 10 in sequence " + handle + ", which reserves 10 tokens");
      assertRefused(
          inject, handle, in -> in.put("positions", new long[] {-4, 0, 1, 2}), "positions: -4");
      assertRefused(
          inject,
          handle,
          in -> in.put("positions", new long[] {0, 1, 2, 4}),
          "has no KV at position 3 in layer 0");
      assertRefused(
          inject,
          handle,
          in -> in.put("positions", new long[] {0, 1, 2}),
          "KvInject: row_offsets: ends at 4, must end at 3");
      assertRefused(
          inject,
          handle,
          in -> in.put("k", fixture.kv(3)),
          "KvInject: k: dimension 0 is 3, expected 4 (R)");
      assertRefused(
          inject,
          handle,
          in -> in.put("k", fixture.rows(4, 40)),
          "KvInject: k: dimension 1 is 40, expected at least 48");
      assertRefused(
          inject,
          handle,
          in -> in.put("v", new float[4][48][1]),
          "KvInject: v: has 3 dimensions, expected 2");
      assertRefused(
          inject,
          handle,
          in -> in.put("q", fixture.queries(3)),
          "KvInject: q: dimension 0 is 3, expected 4 (R");
      assertRefused(
          inject,
          handle,
          in -> in.put("cos", new float[300][11]),
          "KvInject: cos: dimension 1 is 11, expected 12");
      assertRefused(
          inject,
          handle,
          in -> in.put("sin", new float[200][12]),
          "KvInject: sin: dimension 0 is 200, expected 300 (P)");
      assertRefused(
          inject,
          handle,
          in -> {
            in.put("cos", new float[3][12]);
            in.put("sin", new float[3][12]);
          },
          "the rotation tables hold 3");
      assertRefused(
          inject,
          handle,
          in -> in.put("row_offsets", new long[] {0, 3}),
          "row_offsets: ends at 3, must end at 4");
      assertRefused(
          inject,
          handle,
          in -> in.put("row_offsets", new long[] {1, 4}),
          "row_offsets: starts at 1, must start at 0");
      assertRefused(
          inject,
          handle,
          in -> {
            in.put("row_offsets", new long[] {0});
            in.put("sequences", new long[0]);
          },
          "sequences: the step has 0 sequences, must be 1 to 1024; split it into several steps");

      // Nothing was written: attention finds no KV, and a valid step still runs.
      OpGraph attention = fixture.attention(0);
      assertThatThrownBy(
              () ->
                  fixture.attend(
                      attention, fixture.queries(1), new long[] {0}, new long[] {0, 1}, handle))
          .isInstanceOf(OrtException.class)
          .hasMessageContaining(
              "PartialAttention: positions: 0 in sequence "
                  + handle
                  + ", which has KV of 0 positions in layer 0");
      inject.run(good(handle));
      assertThat(
              fixture.attend(
                  attention, fixture.queries(1), new long[] {3}, new long[] {0, 1}, handle))
          .hasDimensions(1, OpFixture.HEADS * OpFixture.HEAD_SIZE);
      assertThatThrownBy(
              () ->
                  fixture.attend(
                      attention, fixture.queries(1), new long[] {4}, new long[] {0, 1}, handle))
          .hasMessageContaining("which has KV of 4 positions");
    }
  }

  @Test
  void stepHasAtMost1024Sequences() throws OrtException {
    OpGraph inject = fixture.kvInject();
    try (NativeKvSequence sequence = fixture.pool.reserve(10)) {
      int count = Step.MAX_SEQUENCE_COUNT + 1;
      assertRefused(
          inject,
          sequence.handle(),
          in -> {
            in.put("q", fixture.queries(count));
            in.put("k", fixture.kv(count));
            in.put("v", fixture.kv(count));
            in.put("positions", new long[count]);
            in.put("row_offsets", range(0, count + 1));
            in.put("sequences", new long[count]);
            in.put("step_positions", new long[count]);
            in.put("step_row_offsets", range(0, count + 1));
          },
          "sequences: the step has 1025 sequences, must be 1 to 1024; split it into several steps");
    }
  }

  @Test
  void queryRowsMustExist() throws OrtException {
    OpGraph inject = fixture.kvInject(Map.of(), "query_rows");
    try (NativeKvSequence sequence = fixture.pool.reserve(10)) {
      for (long row : new long[] {-1, 4}) {
        assertRefused(
            inject,
            sequence.handle(),
            in -> in.put("query_rows", new long[] {0, 1, 2, row}),
            "KvInject: query_rows: " + row + ", must be 0 to 3");
      }
    }
  }

  @Test
  void opsWithAShapeUnlikeThePoolAreRejected() throws OrtException {
    try (NativeKvSequence sequence = fixture.pool.reserve(10)) {
      assertRefused(
          fixture.kvInject(Map.of("layer", 1)),
          sequence.handle(),
          in -> {},
          "has 1 layers of 2 KV heads of 24, but the op is for layer 1, 2 KV heads of 24");
      assertRefused(
          fixture.kvInject(Map.of("num_kv_heads", 1)), sequence.handle(), in -> {}, "1 KV heads");
    }
  }

  @Test
  void invalidAttributesFailWhenTheSessionIsCreated() {
    assertThatThrownBy(() -> fixture.kvInject(Map.of("layer", -1)))
        .isInstanceOf(OrtException.class)
        .hasMessageContaining("KvInject: attribute layer is -1, must be 0 or more");
    assertThatThrownBy(() -> fixture.kvInject(Map.of("head_size", 23)))
        .hasMessageContaining("head size must be even");
    assertThatThrownBy(() -> fixture.attention(-1))
        .hasMessageContaining("PartialAttention: attribute window is -1, must be 0 or more");
  }

  @Test
  void selectRowsChecksKeepCountsAndCompareKeys() throws OrtException {
    OpGraph select = fixture.selectRows();
    try (NativeKvSequence sequence = fixture.pool.reserve(10)) {
      for (long[] choice : List.of(new long[] {-2, 0}, new long[] {1, 2})) {
        assertThatThrownBy(
                () ->
                    select.run(
                        Map.of(
                            "k", fixture.kv(4),
                            "v", fixture.kv(4),
                            "positions", range(0, 4),
                            "row_offsets", new long[] {0, 4},
                            "sequences", new long[] {sequence.handle()},
                            "keep_counts", new long[][] {{choice[0]}},
                            "compare_keys", new long[] {choice[1]})))
            .isInstanceOf(OrtException.class)
            .hasMessageContaining(
                choice[0] < -1 ? "SelectRows: keep_counts: -2" : "SelectRows: compare_keys: 2");
      }
    }
  }

  private Map<String, Object> good(long handle) {
    return fixture.step(
        fixture.queries(4), fixture.kv(4), fixture.kv(4), range(0, 4), new long[] {0, 4}, handle);
  }

  private void assertRefused(
      OpGraph graph, long handle, Consumer<Map<String, Object>> fault, String message) {
    Map<String, Object> inputs = good(handle);
    fault.accept(inputs);
    assertThatThrownBy(() -> graph.run(inputs))
        .isInstanceOf(OrtException.class)
        .hasMessageContaining(message);
  }
}
