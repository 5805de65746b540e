package ai.cacheblend.worker.kv;

import static ai.cacheblend.worker.kv.OpFixture.HEADS;
import static ai.cacheblend.worker.kv.OpFixture.HEAD_SIZE;
import static ai.cacheblend.worker.kv.OpFixture.KV_HEADS;
import static ai.cacheblend.worker.kv.OpFixture.range;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OrtException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A probe and the choice of rows after it, against the definition in fp64. */
class AttentionOpsTest {
  /** Cached positions of a sequence of 70 rows with a question of 8, and of one of 50 without. */
  private static final int[][] FIRST = {{1, 25}, {27, 62}};

  private static final int[][] SECOND = {{0, 20}, {23, 50}};
  private static final int FIRST_END = 70;
  private static final int SECOND_END = 50;
  private static final long ALL = -1;

  private final OpFixture fixture = new OpFixture();
  private final List<NativeStoredKv> chunks = new ArrayList<>();

  @AfterEach
  void close() throws OrtException {
    chunks.forEach(NativeStoredKv::close);
    fixture.close();
  }

  /** A sequence with KV of all rows: that of the cached ones is injected. */
  private final class Prompt implements AutoCloseable {
    final int end;
    final float[][] k;
    final float[][] v;
    final TreeSet<Integer> eligible = new TreeSet<>();
    final NativeKvSequence sequence;
    final int keyEnd;

    Prompt(OpGraph inject, int end, int[][] spans) throws OrtException {
      this.end = end;
      this.k = fixture.kv(end);
      this.v = fixture.kv(end);
      this.sequence = fixture.pool.reserve(end + 10);
      for (int[] span : spans) {
        NativeStoredKv chunk =
            fixture.collect(
                inject,
                Arrays.copyOfRange(k, span[0], span[1]),
                Arrays.copyOfRange(v, span[0], span[1]));
        chunks.add(chunk);
        sequence.inject(chunk, span[0]);
        IntStream.range(span[0], span[1]).filter(p -> p < end - 1).forEach(eligible::add);
      }
      this.keyEnd = Math.min(spans[spans.length - 1][1], end - 1);
      sequence.allocateAttention();
    }

    long[] forced() {
      return IntStream.range(0, end).filter(p -> !eligible.contains(p)).asLongStream().toArray();
    }

    /** Mean attention of the queries at positions from keyEnd on to each eligible row. */
    Map<Integer, Double> masses(float[][] queries, int window) {
      double[] masses = new double[keyEnd];
      for (int row = 0; row < queries.length; row++) {
        int position = keyEnd + row;
        double[] query = fixture.rotate(queries[row], position);
        int first = window > 0 ? Math.max(0, position - window + 1) : 0;
        for (int head = 0; head < HEADS; head++) {
          int kvBase = head / (HEADS / KV_HEADS) * HEAD_SIZE;
          double[] weights = new double[keyEnd];
          for (int p = first; p < keyEnd; p++) {
            double[] key = fixture.rotate(k[p], p);
            double score = 0;
            for (int d = 0; d < HEAD_SIZE; d++) {
              score += query[head * HEAD_SIZE + d] * key[kvBase + d];
            }
            weights[p] = Math.exp(score / Math.sqrt(HEAD_SIZE));
          }
          double total = Arrays.stream(weights).sum();
          for (int p = first; p < keyEnd; p++) {
            masses[p] += weights[p] / total / (HEADS * queries.length);
          }
        }
      }
      Map<Integer, Double> ofEligible = new LinkedHashMap<>();
      eligible.forEach(p -> ofEligible.put(p, masses[p]));
      return ofEligible;
    }

    @Override
    public void close() {
      sequence.close();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 40})
  void massesAreTheMeanAttentionOfTheQuestion(int window) throws OrtException {
    OpGraph inject = fixture.kvInject();
    OpGraph choose = fixture.chooseRows();
    try (Prompt first = new Prompt(inject, FIRST_END, FIRST);
        Prompt second = new Prompt(inject, SECOND_END, SECOND)) {
      float[][] queries = probe(inject, choose, window, first, second);
      int firstRows = first.forced().length;
      Map<Integer, Double> ofFirst =
          first.masses(Arrays.copyOfRange(queries, firstRows - 8, firstRows), window);
      Map<Integer, Double> ofSecond =
          second.masses(Arrays.copyOfRange(queries, queries.length - 1, queries.length), window);

      Map<String, Object> outputs =
          choose(choose, new long[] {5, ALL, 5, ALL, 0, 0, 0, 0}, first, second);
      assertMasses((float[]) outputs.get("scores"), 0, first, ofFirst);
      assertMasses((float[]) outputs.get("scores"), FIRST_END, second, ofSecond);
      TreeSet<Integer> expected = new TreeSet<>(best(ofFirst, 5));
      LongStream.of(first.forced()).forEach(p -> expected.add((int) p));
      long[] positions = (long[]) outputs.get("chosen_positions");
      assertThat(Arrays.stream(positions).limit(expected.size()).mapToInt(p -> (int) p).boxed())
          .containsExactlyElementsOf(expected);
      assertThat(Arrays.copyOfRange(positions, expected.size(), positions.length))
          .isEqualTo(range(0, SECOND_END));
      assertThat((long[]) outputs.get("chosen_row_offsets"))
          .containsExactly(0, expected.size(), expected.size() + SECOND_END);
      long[] tokens = (long[]) outputs.get("chosen_token_ids");
      for (int row = 0; row < tokens.length; row++) {
        assertThat(tokens[row]).isEqualTo(1000 + positions[row]);
      }
      assertThat(first.sequence.activeRowCount()).isEqualTo(expected.size());
    }
  }

  @Test
  void secondProbeStartsFromZero() throws OrtException {
    OpGraph inject = fixture.kvInject();
    OpGraph choose = fixture.chooseRows();
    try (Prompt first = new Prompt(inject, FIRST_END, FIRST)) {
      probe(inject, choose, 0, first);
      float[][] queries = probe(inject, choose, 0, first);
      float[] scores = (float[]) choose(choose, new long[] {ALL, ALL, 0, 0}, first).get("scores");
      assertMasses(
          scores,
          0,
          first,
          first.masses(Arrays.copyOfRange(queries, queries.length - 8, queries.length), 0));
    }
  }

  /** The scores of a step are those of an earlier probe, also where the step begins another. */
  @Test
  void stepThatBeginsAProbeRanksByTheProbeBefore() throws OrtException {
    OpGraph inject = fixture.kvInject();
    OpGraph choose = fixture.chooseRows();
    try (Prompt first = new Prompt(inject, FIRST_END, FIRST)) {
      long[] all = range(0, FIRST_END);
      float[] before =
          (float[]) run(choose, new long[] {ALL, ALL, 0, 0}, 1, all, first).get("scores");
      assertThat(before).hasSize(FIRST_END).containsOnly(-1);
      float[][] queries = probe(inject, choose, 0, first);
      Map<Integer, Double> masses =
          first.masses(Arrays.copyOfRange(queries, queries.length - 8, queries.length), 0);
      Map<String, Object> outputs = run(choose, new long[] {3, 3, 0, 0}, 1, all, first);
      assertMasses((float[]) outputs.get("scores"), 0, first, masses);
      assertThat((long[]) outputs.get("chosen_positions"))
          .contains(best(masses, 3).stream().mapToLong(p -> p).toArray());
    }
  }

  @Test
  void budgetAboveTheRowsKeepsAll() throws OrtException {
    OpGraph inject = fixture.kvInject();
    OpGraph choose = fixture.chooseRows();
    try (Prompt first = new Prompt(inject, FIRST_END, FIRST)) {
      probe(inject, choose, 0, first);
      long count = Long.MAX_VALUE / 2;
      assertThat(
              (long[])
                  choose(choose, new long[] {count, count - 1, 0, 0}, first)
                      .get("chosen_positions"))
          .isEqualTo(range(0, FIRST_END));
    }
  }

  @Test
  void chunkHeadsAreChosenWhateverTheirAttention() throws OrtException {
    OpGraph inject = fixture.kvInject();
    OpGraph choose = fixture.chooseRows();
    try (Prompt first = new Prompt(inject, FIRST_END, FIRST)) {
      float[][] queries = probe(inject, choose, 0, first);
      Map<Integer, Double> masses =
          first.masses(Arrays.copyOfRange(queries, queries.length - 8, queries.length), 0);
      // Row 0 of both chunks and row 1 of the first, then the two best others.
      TreeSet<Integer> expected = new TreeSet<>(List.of(1, 27, 2));
      expected.forEach(masses::remove);
      expected.addAll(best(masses, 2));
      LongStream.of(first.forced()).forEach(p -> expected.add((int) p));
      long[] positions =
          (long[]) choose(choose, new long[] {5, 5, 1, 3}, first).get("chosen_positions");
      assertThat(Arrays.stream(positions).mapToInt(p -> (int) p).boxed())
          .containsExactlyElementsOf(expected);
    }
  }

  @Test
  void choicesThatCannotBeMadeAreRefused() throws OrtException {
    OpGraph inject = fixture.kvInject();
    OpGraph choose = fixture.chooseRows();
    try (Prompt first = new Prompt(inject, FIRST_END, FIRST)) {
      assertThatThrownBy(() -> choose(choose, new long[] {5, 5, 0, 0}, first))
          .hasMessageContaining("choices: sequence 0 of the step has no attention; run a probe");
      assertThatThrownBy(() -> choose(choose, new long[] {5, 6, 0, 0}, first))
          .hasMessageContaining("choices: 5 rows and 6 anchors for sequence 0");
      assertThatThrownBy(
              () -> run(choose, new long[] {ALL, ALL, 0, 0}, 2, new long[] {0, 69}, first))
          .hasMessageContaining("probe_layers: 2 for layer 0, must be 0 or 1");
      assertThatThrownBy(
              () ->
                  run(
                      choose,
                      new long[] {ALL, ALL, 0, 0},
                      1,
                      new long[] {0, 25, 26, 62, 63, 69},
                      first))
          .hasMessageContaining("positions: "); // a row of the question is missing
      probe(inject, choose, 0, first);
      assertThatThrownBy(() -> run(choose, new long[] {1, 1, 0, 0}, 0, first.forced(), first))
          .hasMessageContaining("must be all between them to choose from");
    }
  }

  /** Runs the forced rows of the prompts as one step; returns its queries. */
  private float[][] probe(OpGraph inject, OpGraph choose, int window, Prompt... prompts)
      throws OrtException {
    long[] positions =
        Arrays.stream(prompts).flatMapToLong(p -> LongStream.of(p.forced())).toArray();
    long[] choices = new long[4 * prompts.length];
    Arrays.fill(choices, 0, 2 * prompts.length, ALL);
    run(choose, choices, 1, positions, prompts);
    float[][] queries = fixture.queries(positions.length);
    float[][] k = new float[positions.length][];
    float[][] v = new float[positions.length][];
    int row = 0;
    for (Prompt prompt : prompts) {
      for (long position : prompt.forced()) {
        k[row] = prompt.k[(int) position];
        v[row++] = prompt.v[(int) position];
      }
    }
    Object rotated =
        inject
            .run(fixture.step(queries, k, v, positions, offsets(prompts), handles(prompts)))
            .get("q_rotated");
    Map<String, Object> outputs =
        fixture
            .probe(window)
            .run(
                Map.of(
                    "q",
                    rotated,
                    "positions",
                    positions,
                    "row_offsets",
                    offsets(prompts),
                    "sequences",
                    handles(prompts),
                    "probe_layers",
                    layers(1, prompts.length)));
    // The probes end in this layer.
    assertThat((float[][]) outputs.get("attention")).isEmpty();
    return queries;
  }

  private static Map<String, Object> choose(OpGraph choose, long[] choices, Prompt... prompts)
      throws OrtException {
    long[] positions =
        Arrays.stream(prompts).flatMapToLong(p -> LongStream.range(0, p.end)).toArray();
    long[] offsets = new long[prompts.length + 1];
    for (int s = 0; s < prompts.length; s++) {
      offsets[s + 1] = offsets[s] + prompts[s].end;
    }
    return choose.run(inputs(choices, 0, positions, offsets, prompts));
  }

  private static Map<String, Object> run(
      OpGraph choose, long[] choices, long probed, long[] positions, Prompt... prompts)
      throws OrtException {
    long[] offsets = prompts.length == 1 ? new long[] {0, positions.length} : offsets(prompts);
    return choose.run(inputs(choices, probed, positions, offsets, prompts));
  }

  private static Map<String, Object> inputs(
      long[] choices, long probed, long[] positions, long[] offsets, Prompt... prompts) {
    Map<String, Object> inputs = new LinkedHashMap<>();
    inputs.put("token_ids", LongStream.of(positions).map(p -> 1000 + p).toArray());
    inputs.put("positions", positions);
    inputs.put("row_offsets", offsets);
    inputs.put("sequences", handles(prompts));
    long[][] fields = new long[4][];
    for (int field = 0; field < 4; field++) {
      fields[field] =
          Arrays.copyOfRange(choices, field * prompts.length, (field + 1) * prompts.length);
    }
    inputs.put("choices", fields);
    inputs.put("probe_layers", layers(probed, prompts.length));
    inputs.put("step_positions", positions);
    inputs.put("step_row_offsets", offsets);
    return inputs;
  }

  private static long[][] layers(long probed, int count) {
    long[] row = new long[count];
    Arrays.fill(row, probed);
    return new long[][] {row};
  }

  private static long[] offsets(Prompt... prompts) {
    long[] offsets = new long[prompts.length + 1];
    for (int s = 0; s < prompts.length; s++) {
      offsets[s + 1] = offsets[s] + prompts[s].forced().length;
    }
    return offsets;
  }

  private static long[] handles(Prompt... prompts) {
    return Arrays.stream(prompts).mapToLong(p -> p.sequence.handle()).toArray();
  }

  private static void assertMasses(
      float[] scores, int firstRow, Prompt prompt, Map<Integer, Double> expected) {
    for (int p = 0; p < prompt.end; p++) {
      float actual = scores[firstRow + p];
      if (prompt.eligible.contains(p)) {
        double mass = expected.get(p);
        assertThat((double) actual).as("position " + p).isCloseTo(mass, within(1e-7 + 2e-4 * mass));
      } else {
        assertThat(actual).as("position " + p).isEqualTo(-1);
      }
    }
  }

  private static List<Integer> best(Map<Integer, Double> masses, int count) {
    return masses.entrySet().stream()
        .sorted(Comparator.comparingDouble(row -> -row.getValue()))
        .limit(count)
        .map(Map.Entry::getKey)
        .toList();
  }
}
