package ai.cacheblend.worker.invariants;

import static ai.cacheblend.worker.invariants.Arms.FULL_KV_REUSE;
import static ai.cacheblend.worker.invariants.Arms.FULL_PREFILL;
import static ai.cacheblend.worker.invariants.Prompts.A;
import static ai.cacheblend.worker.invariants.Prompts.B;
import static ai.cacheblend.worker.invariants.Prompts.FOUR_CHUNKS;
import static ai.cacheblend.worker.invariants.Prompts.HEAD;
import static ai.cacheblend.worker.invariants.Prompts.QUESTION;
import static ai.cacheblend.worker.invariants.Prompts.cached;
import static ai.cacheblend.worker.invariants.Prompts.plain;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.cacheblend.worker.blend.Arm;
import ai.cacheblend.worker.blend.Selector.CheckStep;
import ai.cacheblend.worker.blend.Selector.Tensor;
import ai.cacheblend.worker.engine.CheckResult;
import ai.cacheblend.worker.engine.Prompt;
import ai.cacheblend.worker.invariants.Prompts.PlacedChunk;
import ai.cacheblend.worker.invariants.TestWorker.Run;
import ai.cacheblend.worker.kv.NativeStoredKv;
import ai.cacheblend.worker.model.LayerScores;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Selection of the rows that are computed, and the KV of the other rows. */
@ParameterizedClass
@EnumSource(SmallModel.class)
class SelectionInvariantsTest {
  private final TestWorker worker;

  SelectionInvariantsTest(SmallModel model) {
    this.worker = new TestWorker(model);
  }

  @AfterEach
  void close() {
    worker.close();
  }

  @Test
  @DisplayName(
      "I5: rows that are not selected have fresh KV up to the check layer and stored KV after it")
  void unselectedRowsKeepTheirStoredKv() {
    KvImage full = worker.run(FOUR_CHUNKS, FULL_PREFILL).prefill().kv();
    worker.collect(FOUR_CHUNKS);
    KvImage reused = worker.run(FOUR_CHUNKS, FULL_KV_REUSE).prefill().kv();
    for (int checkLayer : SmallModel.CHECK_LAYERS) {
      Run run =
          worker.run(FOUR_CHUNKS, Arms.deviation(Tensor.VALUE, new CheckStep(checkLayer, 0.2)));
      assertUnselected(run, reused, full, checkLayer + 1);
    }
    for (Arm arm :
        List.of(
            Arms.random(0.2),
            Arms.chunkHeads(4),
            Arms.queryAttention(0.2),
            Arms.expanded(0.2),
            Arms.headAttention(0.2),
            FULL_KV_REUSE)) {
      assertUnselected(worker.run(FOUR_CHUNKS, arm), reused, full, 0);
    }
    assertUnselected(
        worker.run(FOUR_CHUNKS, Arms.deviationAttention(Tensor.VALUE, 0.2)), reused, full, 2);
  }

  /** Layers below `firstStoredLayer` hold fresh KV of all rows. */
  private void assertUnselected(Run run, KvImage reused, KvImage full, int firstStoredLayer) {
    KvImage kv = run.prefill().kv();
    Closeness.assertFinite("blended KV", kv);
    for (PlacedChunk chunk : Prompts.chunks(FOUR_CHUNKS)) {
      NativeStoredKv stored = worker.stored(chunk.tokenIds());
      for (int row = 0; row < stored.tokenCount(); row++) {
        int p = chunk.from() + row;
        for (int layer = 0; layer < SmallModel.LAYERS; layer++) {
          String what = "layer " + layer + ", position " + p;
          if (layer < firstStoredLayer) {
            Closeness.assertClose(what, kv.key(layer, p), full.key(layer, p));
            Closeness.assertClose(what, kv.value(layer, p), full.value(layer, p));
          } else if (!run.activeRows().contains(p)) {
            assertThat(kv.value(layer, p)).as(what).isEqualTo(stored.value(layer, row));
            assertThat(kv.key(layer, p)).as(what).isEqualTo(reused.key(layer, p));
          }
        }
      }
    }
  }

  @Test
  @DisplayName("I7: a gradual schedule reduces the selection to the shares of its steps")
  void schedulesNarrowTheSelection() {
    worker.collect(FOUR_CHUNKS);
    double[] shares = {0.6, 0.35, 0.1};
    CheckResult check = worker.check(FOUR_CHUNKS, Arms.gradual(shares[0], shares[1], shares[2]));
    List<Integer> rows = Prompts.eligible(FOUR_CHUNKS);
    int eligible = rows.size();
    for (int i = 0; i < shares.length; i++) {
      LayerScores scores = check.layerScores().get(i);
      assertThat(scores.layer()).isEqualTo(SmallModel.CHECK_LAYERS.get(i));
      assertThat(scores.positions().asList()).isEqualTo(rows);
      Map<Integer, Double> scoreOf = new TreeMap<>();
      for (int row = 0; row < rows.size(); row++) {
        scoreOf.put(rows.get(row), scores.scores().get(row));
      }
      rows = best(scoreOf, budget(shares[i], eligible));
    }
    assertThat(check.activePositions().asList())
        .isEqualTo(sorted(rows, Prompts.forced(FOUR_CHUNKS)));
    // Layers may be skipped.
    CheckResult skipping =
        worker.check(
            FOUR_CHUNKS,
            Arms.deviation(Tensor.VALUE, new CheckStep(1, 0.5), new CheckStep(3, 0.2)));
    assertThat(skipping.layerScores().get(1).positions().length()).isEqualTo(budget(0.5, eligible));
  }

  @Test
  @DisplayName(
      "I12: forced rows, including the last row, are always computed and never part of the budget")
  void forcedRowsAreOutsideTheBudget() {
    Prompt lastIsCached = Prompts.of(plain(HEAD), cached(A), plain(QUESTION), cached(B));
    for (Prompt prompt : List.of(FOUR_CHUNKS, lastIsCached)) {
      worker.collect(prompt);
      List<Integer> eligible = Prompts.eligible(prompt);
      List<Integer> forced = Prompts.forced(prompt);
      int last = Prompts.tokenIds(prompt).length() - 1;
      for (double share : new double[] {0, 0.01, 0.15, 0.3, 1}) {
        for (Arm arm :
            Arms.and(
                Arms.byAttention(share),
                List.of(
                    Arms.byValue(share),
                    Arms.byKey(share),
                    Arms.gradual(1, 1, share),
                    Arms.random(share),
                    Arms.chunkHeads(share)))) {
          List<Integer> active = worker.run(prompt, arm).activeRows();
          assertThat(active).as(arm.toString()).containsAll(forced).isSorted().contains(last);
          assertThat(active)
              .as(arm.toString())
              .hasSize(forced.size() + budget(share, eligible.size()));
        }
      }
    }
  }

  @Test
  @DisplayName("I13: the selected rows are those that rank highest by brute force")
  void selectionIsTheBruteForceRanking() {
    KvImage full = worker.run(FOUR_CHUNKS, FULL_PREFILL).prefill().kv();
    worker.collect(FOUR_CHUNKS);
    KvImage reused = worker.run(FOUR_CHUNKS, FULL_KV_REUSE).prefill().kv();
    for (int layer : SmallModel.CHECK_LAYERS) {
      for (Tensor tensor : Tensor.values()) {
        Map<Integer, Double> scores = bruteForceScores(layer, tensor, full, reused);
        for (double share : new double[] {0.05, 0.15, 0.4}) {
          Arm arm = Arms.deviation(tensor, new CheckStep(layer, share));
          CheckResult check = worker.check(FOUR_CHUNKS, arm);
          List<Integer> best = best(scores, budget(share, scores.size()));
          assertThat(check.activePositions().asList())
              .as(arm.toString())
              .isEqualTo(sorted(best, Prompts.forced(FOUR_CHUNKS)));
          assertThat(worker.run(FOUR_CHUNKS, arm).activeRows())
              .isEqualTo(check.activePositions().asList());
          LayerScores returned = check.layerScores().get(0);
          assertThat(returned.positions().asList()).isEqualTo(Prompts.eligible(FOUR_CHUNKS));
          for (int i = 0; i < returned.positions().length(); i++) {
            double expected = scores.get(returned.positions().get(i));
            assertThat(returned.scores().get(i))
                .isCloseTo(expected, within(1e-3 * Math.max(1e-3, expected)));
          }
        }
      }
    }
  }

  /** The attention itself is held to the definition by AttentionOpsTest. */
  @Test
  @DisplayName("I13: selectors by attention take the rows that rank highest by brute force")
  void attentionDecidesByRank() {
    worker.collect(FOUR_CHUNKS);
    List<Integer> eligible = Prompts.eligible(FOUR_CHUNKS);
    Map<Integer, Double> masses = masses(worker.check(FOUR_CHUNKS, Arms.queryAttention(0)));
    assertThat(masses.keySet()).containsExactlyElementsOf(eligible);
    for (double share : new double[] {0.03, 0.15, 0.3}) {
      int count = budget(share, eligible.size());
      List<Integer> heads = chunkHeads((count + 1) / 2);
      Map<Integer, Double> others = new TreeMap<>(masses);
      heads.forEach(others::remove);
      assertSelected(Arms.queryAttention(share), best(masses, count), masses);
      assertSelected(Arms.expanded(share), expanded(masses, count), masses);
      assertSelected(
          Arms.headAttention(share), sorted(heads, best(others, count - heads.size())), masses);
    }
    Map<Integer, Double> last = masses(worker.check(FOUR_CHUNKS, Arms.queryAttention(0.2, 5)));
    assertThat(last).isNotEqualTo(masses);
    assertSelected(Arms.queryAttention(0.2, 5), best(last, budget(0.2, eligible.size())), last);
  }

  @Test
  @DisplayName("I13: deviation times attention ranks by the product")
  void theProductDecides() {
    worker.collect(FOUR_CHUNKS);
    for (Tensor tensor : Tensor.values()) {
      LayerScores deviation =
          worker
              .check(FOUR_CHUNKS, Arms.deviation(tensor, new CheckStep(1, 0.1)))
              .layerScores()
              .get(0);
      CheckResult product = worker.check(FOUR_CHUNKS, Arms.deviationAttention(tensor, 0.1));
      Map<Integer, Double> masses = masses(product);
      Map<Integer, Double> scores = new TreeMap<>();
      for (int i = 0; i < deviation.positions().length(); i++) {
        int p = deviation.positions().get(i);
        scores.put(p, deviation.scores().get(i) * masses.get(p));
        double score = product.layerScores().get(0).scores().get(i);
        assertThat(score).isCloseTo(scores.get(p), within(1e-6 + 1e-4 * scores.get(p)));
      }
      assertThat(product.activePositions().asList())
          .isEqualTo(sorted(best(scores, budget(0.1, scores.size())), Prompts.forced(FOUR_CHUNKS)));
    }
  }

  private void assertSelected(Arm arm, List<Integer> selected, Map<Integer, Double> masses) {
    CheckResult check = worker.check(FOUR_CHUNKS, arm);
    assertThat(masses(check)).as(arm.toString()).isEqualTo(masses);
    assertThat(check.activePositions().asList())
        .as(arm.toString())
        .isEqualTo(sorted(selected, Prompts.forced(FOUR_CHUNKS)));
  }

  private static Map<Integer, Double> masses(CheckResult check) {
    Map<Integer, Double> masses = new TreeMap<>();
    for (int i = 0; i < check.attention().positions().length(); i++) {
      masses.put(check.attention().positions().get(i), check.attention().scores().get(i));
    }
    return masses;
  }

  /** The first rows of all chunks, then the second rows, and so on. */
  private static List<Integer> chunkHeads(int count) {
    List<Integer> heads = new ArrayList<>();
    for (int depth = 0; heads.size() < count; depth++) {
      for (PlacedChunk chunk : Prompts.chunks(FOUR_CHUNKS)) {
        if (heads.size() < count && chunk.from() + depth < chunk.to()) {
          heads.add(chunk.from() + depth);
        }
      }
    }
    return heads;
  }

  /** Three quarters by rank, then rows to the right of them, then by rank again. */
  private static List<Integer> expanded(Map<Integer, Double> masses, int count) {
    List<Integer> anchors = best(masses, (int) (0.75 * count));
    List<List<Integer>> segments = new ArrayList<>();
    for (int anchor : anchors) {
      List<Integer> last = segments.isEmpty() ? List.of() : segments.get(segments.size() - 1);
      if (last.isEmpty() || anchor - last.get(last.size() - 1) > 3) {
        segments.add(new ArrayList<>());
      }
      segments.get(segments.size() - 1).add(anchor);
    }
    segments.sort(
        Comparator.comparingDouble(
            segment ->
                -segment.stream().mapToDouble(masses::get).sum() / Math.sqrt(segment.size())));
    TreeSet<Integer> chosen = new TreeSet<>(anchors);
    for (List<Integer> segment : segments) {
      int last = segment.get(segment.size() - 1);
      long reach = Math.min(64, Math.max(8, Math.round(8 * Math.sqrt(segment.size()))));
      for (int p = last + 1; p <= last + reach && chosen.size() < count; p++) {
        if (!masses.containsKey(p)) {
          break;
        }
        chosen.add(p);
      }
    }
    Map<Integer, Double> others = new TreeMap<>(masses);
    chosen.forEach(others::remove);
    chosen.addAll(best(others, count - chosen.size()));
    return List.copyOf(chosen);
  }

  @Test
  @DisplayName("I18: a question in plain tokens is computed in full, even if it is stored")
  void everyRowOfTheQuestionIsComputed() {
    worker.collect(FOUR_CHUNKS);
    worker.collect(List.of(QUESTION));
    int end = Prompts.tokenIds(FOUR_CHUNKS).length();
    List<Integer> question = IntStream.range(end - QUESTION.length(), end).boxed().toList();
    for (Arm arm :
        List.of(
            FULL_KV_REUSE,
            Arms.byValue(0),
            Arms.byValue(0.15),
            Arms.random(0.1),
            Arms.queryAttention(0),
            Arms.expanded(0.1),
            Arms.headAttention(0.1),
            Arms.chunkHeads(1))) {
      Run run = worker.run(FOUR_CHUNKS, arm);
      assertThat(run.activeRows()).as(arm.toString()).containsAll(question);
    }
    // As a chunk it is ranked like any other, except for its last row.
    Prompt cachedQuestion = Prompts.of(plain(HEAD), cached(A), cached(QUESTION));
    worker.collect(cachedQuestion);
    int last = Prompts.tokenIds(cachedQuestion).length() - 1;
    assertThat(worker.run(cachedQuestion, FULL_KV_REUSE).activeRows()).containsExactly(0, last);
  }

  private Map<Integer, Double> bruteForceScores(
      int layer, Tensor tensor, KvImage full, KvImage reused) {
    List<Integer> eligible = Prompts.eligible(FOUR_CHUNKS);
    Map<Integer, Double> scores = new TreeMap<>();
    for (PlacedChunk chunk : Prompts.chunks(FOUR_CHUNKS)) {
      NativeStoredKv stored = worker.stored(chunk.tokenIds());
      for (int row = 0; row < stored.tokenCount(); row++) {
        int p = chunk.from() + row;
        if (eligible.contains(p)) {
          scores.put(
              p,
              tensor == Tensor.VALUE
                  ? Rotation.squaredDistance(full.value(layer, p), stored.value(layer, row))
                  : Rotation.squaredDistance(full.key(layer, p), reused.key(layer, p)));
        }
      }
    }
    return scores;
  }

  /** Highest first, ties to the lower position; ascending. */
  private static List<Integer> best(Map<Integer, Double> scores, int count) {
    return scores.entrySet().stream()
        .sorted(
            Comparator.comparingDouble((Map.Entry<Integer, Double> row) -> -row.getValue())
                .thenComparingInt(Map.Entry::getKey))
        .limit(count)
        .map(Map.Entry::getKey)
        .sorted()
        .toList();
  }

  private static List<Integer> sorted(List<Integer> some, List<Integer> others) {
    return new ArrayList<>(Stream.concat(some.stream(), others.stream()).sorted().toList());
  }

  private static int budget(double share, int eligible) {
    return (int) Math.ceil(share * eligible - 1e-9);
  }
}
