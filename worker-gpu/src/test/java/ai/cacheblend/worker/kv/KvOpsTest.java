package ai.cacheblend.worker.kv;

import static ai.cacheblend.worker.kv.OpFixture.HEADS;
import static ai.cacheblend.worker.kv.OpFixture.HEAD_SIZE;
import static ai.cacheblend.worker.kv.OpFixture.KV_HEADS;
import static ai.cacheblend.worker.kv.OpFixture.range;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.cacheblend.worker.TestDevice;
import ai.onnxruntime.OrtException;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The ops in ONNX Runtime sessions, against textbook attention. */
class KvOpsTest {
  private final OpFixture fixture = new OpFixture();

  @AfterEach
  void close() throws OrtException {
    fixture.close();
  }

  @Test
  void prefillAttendsToAllRowsBefore() throws OrtException {
    float[][] q = fixture.queries(70);
    float[][] k = fixture.kv(70);
    float[][] v = fixture.kv(70);
    long[] offsets = {0, 70};
    try (NativeKvSequence sequence = fixture.pool.reserve(70)) {
      Object rotated =
          fixture
              .kvInject()
              .run(fixture.step(q, k, v, range(0, 70), offsets, sequence.handle()))
              .get("q_rotated");
      for (int window : new int[] {0, 9}) {
        float[][] out =
            fixture.attend(
                fixture.attention(window), rotated, range(0, 70), offsets, sequence.handle());
        for (int row = 0; row < 70; row++) {
          assertClose(out[row], fixture.attend(q[row], row, k, v, window));
        }
      }
    }
  }

  @Test
  void activeRowsSeeCachedAndFreshKvMixed() throws OrtException {
    OpGraph inject = fixture.kvInject();
    float[][] cachedK = fixture.kv(90);
    float[][] cachedV = fixture.kv(90);
    float[][] k = fixture.kv(100);
    float[][] v = fixture.kv(100);
    long[] positions = {0, 1, 2, 3, 4, 30, 63, 64, 95, 96, 97}; // 5 to 94 are cached
    float[][] q = fixture.queries(positions.length);
    try (NativeStoredKv chunk = fixture.collect(inject, cachedK, cachedV);
        NativeKvSequence sequence = fixture.pool.reserve(110)) {
      sequence.inject(chunk, 5);
      assertThat(sequence.kvLoad()).isEqualTo(KvLoad.NONE);
      long[] offsets = {0, positions.length};
      Object rotated =
          inject
              .run(
                  fixture.step(
                      q,
                      pick(k, positions),
                      pick(v, positions),
                      positions,
                      offsets,
                      sequence.handle()))
              .get("q_rotated");
      KvLoad load = sequence.kvLoad();
      assertThat(load.busyNanos()).isPositive();
      // On the CPU nothing runs concurrently with a load.
      if (!TestDevice.isCuda()) {
        assertThat(load.waitNanos()).isEqualTo(load.busyNanos());
      }
      assertThat(sequence.kvLoad()).isEqualTo(load);

      float[][] mixedK = mix(k, cachedK, 5, positions);
      float[][] mixedV = mix(v, cachedV, 5, positions);
      float[][] out =
          fixture.attend(fixture.attention(0), rotated, positions, offsets, sequence.handle());
      for (int row = 0; row < positions.length; row++) {
        assertClose(out[row], fixture.attend(q[row], (int) positions[row], mixedK, mixedV, 0));
      }

      // A decoding step does not inject the chunk again.
      float[][] next = {k[98]};
      float[][] nextQ = fixture.queries(1);
      Object nextRotated =
          inject
              .run(
                  fixture.step(
                      nextQ,
                      next,
                      new float[][] {v[98]},
                      new long[] {98},
                      new long[] {0, 1},
                      sequence.handle()))
              .get("q_rotated");
      float[][] decoded =
          fixture.attend(
              fixture.attention(0),
              nextRotated,
              new long[] {98},
              new long[] {0, 1},
              sequence.handle());
      assertClose(
          decoded[0],
          fixture.attend(
              nextQ[0],
              98,
              mix(k, cachedK, 5, append(positions, 98)),
              mix(v, cachedV, 5, append(positions, 98)),
              0));
    }
  }

  @Test
  void sequencesOfAStepAreIndependent() throws OrtException {
    OpGraph inject = fixture.kvInject();
    OpGraph attention = fixture.attention(0);
    float[][] q = fixture.queries(75);
    float[][] k = fixture.kv(75);
    float[][] v = fixture.kv(75);
    long[] positions = new long[75];
    for (int row = 0; row < 75; row++) {
      positions[row] = row < 5 ? row : row - 5;
    }
    long[] offsets = {0, 5, 75};
    try (NativeKvSequence first = fixture.pool.reserve(5);
        NativeKvSequence second = fixture.pool.reserve(70)) {
      Object rotated =
          inject
              .run(fixture.step(q, k, v, positions, offsets, first.handle(), second.handle()))
              .get("q_rotated");
      float[][] out =
          fixture.attend(attention, rotated, positions, offsets, first.handle(), second.handle());
      float[][] secondK = Arrays.copyOfRange(k, 5, 75);
      float[][] secondV = Arrays.copyOfRange(v, 5, 75);
      for (int row = 0; row < 75; row++) {
        assertClose(
            out[row],
            row < 5
                ? fixture.attend(q[row], row, k, v, 0)
                : fixture.attend(q[row], row - 5, secondK, secondV, 0));
      }
    }
  }

  @Test
  void queriesMayBeFewerThanRowsAndColumnsOfOneTensor() throws OrtException {
    int qSize = HEADS * HEAD_SIZE;
    int kvSize = KV_HEADS * HEAD_SIZE;
    OpGraph inject =
        fixture.kvInject(
            Map.of("q_offset", 3, "k_offset", qSize + 3, "v_offset", qSize + kvSize + 3),
            "query_rows");
    float[][] qkv = fixture.rows(40, qSize + 2 * kvSize + 5);
    long[] queryRows = {7, 20, 39};
    try (NativeKvSequence sequence = fixture.pool.reserve(40)) {
      Map<String, Object> inputs =
          fixture.step(
              pick(qkv, queryRows), qkv, qkv, range(0, 40), new long[] {0, 40}, sequence.handle());
      inputs.put("query_rows", queryRows);
      Object rotated = inject.run(inputs).get("q_rotated");
      float[][] out =
          fixture.attend(
              fixture.attention(0), rotated, queryRows, new long[] {0, 3}, sequence.handle());
      float[][] k = columns(qkv, qSize + 3, kvSize);
      float[][] v = columns(qkv, qSize + kvSize + 3, kvSize);
      for (int i = 0; i < 3; i++) {
        int row = (int) queryRows[i];
        float[] q = Arrays.copyOfRange(qkv[row], 3, 3 + qSize);
        assertClose(out[i], fixture.attend(q, row, k, v, 0));
      }
    }
  }

  @Test
  void captureStoresRowsUnchanged() throws OrtException {
    float[][] k = fixture.kv(33);
    float[][] v = fixture.kv(33);
    try (NativeStoredKv chunk = fixture.pool.allocateChunk(30);
        NativeKvSequence sequence = fixture.pool.reserve(33)) {
      sequence.capture(chunk, 2); // rows 2 to 31, in two steps
      OpGraph inject = fixture.kvInject();
      for (int[] span : new int[][] {{0, 17}, {17, 33}}) {
        int count = span[1] - span[0];
        inject.run(
            fixture.step(
                fixture.queries(count),
                Arrays.copyOfRange(k, span[0], span[1]),
                Arrays.copyOfRange(v, span[0], span[1]),
                range(span[0], span[1]),
                new long[] {0, count},
                sequence.handle()));
      }
      for (int row = 0; row < 30; row++) {
        assertThat(chunk.key(0, row)).isEqualTo(k[row + 2]);
        assertThat(chunk.value(0, row)).isEqualTo(v[row + 2]);
      }
    }
  }

  @Test
  void selectRowsKeepsForcedRowsAndTheHighestScores() throws OrtException {
    OpGraph inject = fixture.kvInject();
    OpGraph select = fixture.selectRows();
    float[][] cachedK = fixture.kv(6);
    float[][] cachedV = fixture.kv(6);
    float[][] k = fixture.kv(10);
    float[][] v = fixture.kv(10);
    // Rows 2 to 7 are cached. Their values differ by 1, 5, 3, 3, 0, 2; their keys by 6, 5, 4, 3, 2,
    // 1.
    float[] valueSteps = {1, 5, 3, 3, 0, 2};
    for (int i = 0; i < 6; i++) {
      v[2 + i] = shift(cachedV[i], valueSteps[i]);
      k[2 + i] = shift(cachedK[i], 6 - i);
    }
    try (NativeStoredKv chunk = fixture.collect(inject, cachedK, cachedV);
        NativeKvSequence sequence = fixture.pool.reserve(10)) {
      sequence.inject(chunk, 2);
      Map<String, Object> byValues = select(select, k, v, sequence, 2, 0);
      assertThat((long[]) byValues.get("kept_rows")).containsExactly(0, 1, 3, 4, 8, 9);
      assertThat((long[]) byValues.get("kept_positions")).containsExactly(0, 1, 3, 4, 8, 9);
      assertThat((long[]) byValues.get("kept_row_offsets")).containsExactly(0, 6);
      float[] scores = (float[]) byValues.get("scores");
      assertThat(scores[0]).isEqualTo(-1);
      assertThat(scores[9]).isEqualTo(-1);
      for (int i = 0; i < 6; i++) {
        double expected = KV_HEADS * HEAD_SIZE * (double) valueSteps[i] * valueSteps[i];
        assertThat((double) scores[2 + i]).isCloseTo(expected, within(1e-3));
      }
      assertThat((long[]) select(select, k, v, sequence, 1, 1).get("kept_rows"))
          .containsExactly(0, 1, 2, 8, 9);
      assertThat((long[]) select(select, k, v, sequence, 0, 0).get("kept_rows"))
          .containsExactly(0, 1, 8, 9);
      Map<String, Object> all = select(select, k, v, sequence, -1, 0);
      assertThat((long[]) all.get("kept_rows")).containsExactly(range(0, 10));
      assertThat((float[]) all.get("scores")).containsOnly(-1);
    }
  }

  @Test
  void selectRowsForcesTheLastRowAndNamesPositionsOfEachSequence() throws OrtException {
    OpGraph inject = fixture.kvInject();
    float[][] cachedK = fixture.kv(6);
    float[][] cachedV = fixture.kv(6);
    // All rows are cached: positions 0, 1, 2 of the first sequence, 11, 13, 14, 15 of the second.
    long[] positions = {0, 1, 2, 11, 13, 14, 15};
    int[] chunkRows = {0, 1, 2, 1, 3, 4, 5};
    float[] steps = {1, 2, 9, 1, 4, 2, 9};
    float[][] v = new float[7][];
    for (int row = 0; row < 7; row++) {
      v[row] = shift(cachedV[chunkRows[row]], steps[row]);
    }
    try (NativeStoredKv chunk = fixture.collect(inject, cachedK, cachedV);
        NativeStoredKv before = fixture.collect(inject, fixture.kv(10), fixture.kv(10));
        NativeKvSequence first = fixture.pool.reserve(10);
        NativeKvSequence second = fixture.pool.reserve(20)) {
      first.inject(chunk, 0);
      second.inject(before, 0);
      second.inject(chunk, 10);
      inject.run(
          fixture.step(
              fixture.queries(7),
              fixture.kv(7),
              v,
              positions,
              new long[] {0, 3, 7},
              first.handle(),
              second.handle()));
      Map<String, Object> selected =
          fixture
              .selectRows()
              .run(
                  Map.of(
                      "k", fixture.kv(7),
                      "v", v,
                      "positions", positions,
                      "row_offsets", new long[] {0, 3, 7},
                      "sequences", new long[] {first.handle(), second.handle()},
                      "keep_counts", new long[][] {{1, 2}},
                      "compare_keys", new long[] {0, 0}));
      assertThat((long[]) selected.get("kept_rows")).containsExactly(1, 2, 4, 5, 6);
      assertThat((long[]) selected.get("kept_positions")).containsExactly(1, 2, 13, 14, 15);
      assertThat((long[]) selected.get("kept_row_offsets")).containsExactly(0, 2, 5);
      float[] scores = (float[]) selected.get("scores");
      assertThat(new float[] {scores[2], scores[6]}).containsOnly(-1);
      assertThat((double) scores[4]).isCloseTo(16.0 * KV_HEADS * HEAD_SIZE, within(1e-3));
    }
  }

  /** After KvInject, which begins a step. */
  private Map<String, Object> select(
      OpGraph select,
      float[][] k,
      float[][] v,
      NativeKvSequence sequence,
      long keep,
      long compareKeys)
      throws OrtException {
    fixture
        .kvInject()
        .run(
            fixture.step(
                fixture.queries(k.length),
                k,
                v,
                range(0, k.length),
                new long[] {0, k.length},
                sequence.handle()));
    return select.run(
        Map.of(
            "k", k,
            "v", v,
            "positions", range(0, k.length),
            "row_offsets", new long[] {0, k.length},
            "sequences", new long[] {sequence.handle()},
            "keep_counts", new long[][] {{keep}},
            "compare_keys", new long[] {compareKeys}));
  }

  private static void assertClose(float[] actual, double[] expected) {
    assertThat(actual).hasSize(expected.length);
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) actual[i]).isCloseTo(expected[i], within(2e-5));
    }
  }

  private static float[] shift(float[] row, float by) {
    float[] out = row.clone();
    for (int i = 0; i < out.length; i++) {
      out[i] += by;
    }
    return out;
  }

  private static float[][] pick(float[][] rows, long[] indexes) {
    return Arrays.stream(indexes).mapToObj(i -> rows[(int) i]).toArray(float[][]::new);
  }

  private static float[][] columns(float[][] rows, int from, int count) {
    return Arrays.stream(rows)
        .map(row -> Arrays.copyOfRange(row, from, from + count))
        .toArray(float[][]::new);
  }

  private static long[] append(long[] values, long last) {
    long[] out = Arrays.copyOf(values, values.length + 1);
    out[values.length] = last;
    return out;
  }

  /** Rows by position: fresh rows where active, cached rows from {@code first} on elsewhere. */
  private static float[][] mix(float[][] fresh, float[][] cached, int first, long[] active) {
    float[][] out = fresh.clone();
    System.arraycopy(cached, 0, out, first, cached.length);
    for (long position : active) {
      out[(int) position] = fresh[(int) position];
    }
    return out;
  }
}
