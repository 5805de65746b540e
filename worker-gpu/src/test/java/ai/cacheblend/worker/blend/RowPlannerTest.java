package ai.cacheblend.worker.blend;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.worker.blend.Arm.CacheBlend;
import ai.cacheblend.worker.blend.PromptLayout.Span;
import ai.cacheblend.worker.blend.Selector.CheckStep;
import ai.cacheblend.worker.blend.Selector.Tensor;
import com.google.common.primitives.ImmutableIntArray;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowPlannerTest {
  /** BOS, two chunks with a separator between them, a question: 0 | 1 2 3 | 4 | 5 6 7 8 | 9 10. */
  private static final PromptLayout LAYOUT =
      new PromptLayout(11, List.of(new Span(1, 4), new Span(5, 9)));

  private final RowPlanner planner = new RowPlanner(List.of(1, 3, 5), 7);

  @Test
  void selectorByAttentionProbesTheForcedRowsAndChoosesAmongAllRows() {
    RowPlan plan =
        planner.plan(LAYOUT, new CacheBlend(new Selector.QueryAttention(0.5, false, List.of(2))));

    assertThat(plan.chosenPositions()).isEmpty();
    AttentionPlan probe = plan.attention().orElseThrow();
    assertThat(probe.positions().asList()).containsExactly(0, 4, 9, 10);
    assertThat(probe.queryRowCount()).isEqualTo(2);
    assertThat(probe.layers().asList()).containsExactly(2);
    assertThat(probe.choice()).contains(new AttentionPlan.Choice(4, 4, 0, 0));
    assertThat(plan.keepCounts().asList()).containsExactly(-1, -1, -1);
    assertThat(plan.lastRowCount()).isEqualTo(4 + 4);
    // The probe ends in layer 2.
    assertThat(planner.rowLayers(plan)).isEqualTo(new RowLayers(4 * 7, 4 * 7, 4 * 3));
  }

  /** Against the sum over the rows of each layer. */
  @Test
  void workOfALayerIsItsRowsAndTheKeysUpToTheirs() {
    RowPlan blend =
        planner.plan(
            LAYOUT, new CacheBlend(new Selector.Deviation(Tensor.VALUE, List.of(step(3, .5)))));
    LayerWork all = work(IntStream.range(0, 11));
    // Half of the 7 cached rows, at their mean position of (1 + 2 + 3 + 5 + 6 + 7 + 8) / 7.
    LayerWork few =
        new LayerWork(4 + 4, work(IntStream.of(0, 4, 9, 10)).pairs() + 4 * (32. / 7 + 1));

    assertThat(planner.layerWork(LAYOUT, blend)).containsExactly(all, all, all, all, few, few, few);

    RowPlan reuse = planner.plan(LAYOUT, new Arm.FullKvReuse());
    assertThat(planner.layerWork(LAYOUT, reuse)).containsOnly(work(IntStream.of(0, 4, 9, 10)));

    RowPlan full = planner.plan(LAYOUT, new Arm.FullPrefill());
    assertThat(planner.layerWork(LAYOUT.withoutChunks(), full)).containsOnly(all);
  }

  /** The layers of the prefill that a probe has passed wait for the KV of the next one. */
  @Test
  void probeNeedsTheKvOfItsLayersFirst() {
    RowPlan plan =
        planner.plan(LAYOUT, new CacheBlend(new Selector.QueryAttention(1, false, List.of(1))));
    LayerWork probe = work(IntStream.of(0, 4, 9, 10));
    LayerWork layer = work(IntStream.range(0, 11));

    assertThat(planner.layerWork(LAYOUT, plan))
        .containsExactly(probe, probe, layer.plus(layer).plus(layer), layer, layer, layer, layer);

    RowPlan everyLayer =
        planner.plan(LAYOUT, new CacheBlend(new Selector.QueryAttention(1, false, List.of())));
    List<LayerWork> work = planner.layerWork(LAYOUT, everyLayer);
    assertThat(work.subList(0, 6)).containsOnly(probe);
    assertThat(work.get(6).rows()).isEqualTo(4 + 7 * 11);
  }

  private static LayerWork work(IntStream positions) {
    int[] rows = positions.toArray();
    return new LayerWork(rows.length, IntStream.of(rows).map(row -> row + 1).sum());
  }

  private static CheckStep step(int layer, double share) {
    return new CheckStep(layer, share);
  }

  @Test
  void lastRowIsTheQueryWhereAChunkEndsThePrompt() {
    PromptLayout allCached = new PromptLayout(5, List.of(new Span(0, 2), new Span(2, 5)));

    RowPlan plan =
        planner.plan(allCached, new CacheBlend(new Selector.QueryAttention(0.5, true, List.of())));

    AttentionPlan probe = plan.attention().orElseThrow();
    assertThat(probe.positions().asList()).containsExactly(4);
    assertThat(probe.queryRowCount()).isEqualTo(1);
    assertThat(probe.layers().asList()).containsExactlyElementsOf(range(0, 7));
    // Three quarters of 2, rounded down.
    assertThat(probe.choice()).contains(new AttentionPlan.Choice(2, 1, 0, 0));
  }

  @ParameterizedTest
  @CsvSource({
    // rows, depth and end of the heads: of the rows 1 2 3 and 5 6 7 8
    "0.0, 0, 0, 0",
    "0.1, 1, 0, 2",
    "0.4, 3, 0, 6",
    "0.7, 5, 1, 3",
    "1.0, 7, 1, 7",
  })
  void headAttentionTakesHalfOfItsBudgetFromChunkHeads(
      double share, int count, int depth, int end) {
    RowPlan plan =
        planner.plan(LAYOUT, new CacheBlend(new Selector.HeadAttention(share, List.of())));
    assertThat(plan.attention().orElseThrow().choice())
        .contains(new AttentionPlan.Choice(count, count, depth, end));
  }

  @Test
  void deviationTimesAttentionComparesAfterAProbe() {
    RowPlan plan =
        planner.plan(
            LAYOUT,
            new CacheBlend(
                new Selector.DeviationAttention(
                    new Selector.Deviation(
                        Tensor.KEY, List.of(new CheckStep(1, 0.5), new CheckStep(5, 0.2))),
                    List.of(0, 6))));

    assertThat(plan.attention().orElseThrow().choice()).isEmpty();
    assertThat(plan.keepCounts().asList()).containsExactly(4, -1, 2);
    assertThat(plan.tensor()).isEqualTo(Tensor.KEY);
    // Seven rows in layers 0 and 1, four in 2 to 5, two in 6.
    assertThat(planner.rowLayers(plan)).isEqualTo(new RowLayers(28, 14 + 16 + 2, 28));
  }

  @Test
  void rowLayersOfTheOtherSelectors() {
    assertThat(planner.rowLayers(planner.plan(LAYOUT, new Arm.FullPrefill())))
        .isEqualTo(new RowLayers(11 * 7, 0, 0));
    assertThat(planner.rowLayers(planner.plan(LAYOUT, new Arm.FullKvReuse())))
        .isEqualTo(new RowLayers(28, 0, 0));
    assertThat(
            planner.rowLayers(planner.plan(LAYOUT, new CacheBlend(new Selector.ChunkHeadRows(2)))))
        .isEqualTo(new RowLayers(28, 4 * 7, 0));
  }

  @Test
  void fullPrefillComputesEveryRow() {
    RowPlan plan = planner.plan(LAYOUT, new Arm.FullPrefill());

    assertThat(positions(plan)).containsExactlyElementsOf(range(0, 11));
    assertThat(plan.forcedRowCount()).isEqualTo(11);
    assertThat(plan.eligibleRowCount()).isZero();
    assertThat(plan.keepCounts().asList()).containsExactly(-1, -1, -1);
    assertThat(plan.lastRowCount()).isEqualTo(11);
  }

  @Test
  void fullKvReuseComputesOnlyForcedRows() {
    RowPlan plan = planner.plan(LAYOUT, new Arm.FullKvReuse());

    assertThat(positions(plan)).containsExactly(0, 4, 9, 10);
    assertThat(plan.forcedRowCount()).isEqualTo(4);
    assertThat(plan.eligibleRowCount()).isEqualTo(7);
  }

  @Test
  void cachedLastRowIsForcedAndOutsideTheBudget() {
    PromptLayout allCached = new PromptLayout(5, List.of(new Span(0, 2), new Span(2, 5)));

    RowPlan plan = planner.plan(allCached, new Arm.FullKvReuse());

    assertThat(positions(plan)).containsExactly(4);
    assertThat(plan.eligibleRowCount()).isEqualTo(4);
    RowPlan heads = planner.plan(allCached, new CacheBlend(new Selector.ChunkHeadRows(9)));
    assertThat(positions(heads)).containsExactly(0, 1, 2, 3, 4);
    assertThat(heads.forcedRowCount()).isEqualTo(1);
  }

  @Test
  void deviationKeepsSharesOfAllEligibleRows() {
    RowPlan plan =
        planner.plan(
            LAYOUT,
            new CacheBlend(
                new Selector.Deviation(
                    Tensor.KEY, List.of(new CheckStep(1, 0.5), new CheckStep(5, 0.2)))));

    assertThat(positions(plan)).containsExactlyElementsOf(range(0, 11));
    // 3.5 and 1.4 of 7, rounded up; layer 3 is not in the schedule.
    assertThat(plan.keepCounts().asList()).containsExactly(4, -1, 2);
    assertThat(plan.tensor()).isEqualTo(Tensor.KEY);
    assertThat(plan.lastRowCount()).isEqualTo(4 + 2);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 7, 0",
    "1, 7, 7",
    "0.15, 20, 3",
    "0.15, 21, 4",
    "0.0001, 5, 1",
    "1, 0, 0",
    // As doubles, 7.000000000000001 and 14.000000000000002.
    "0.07, 100, 7",
    "0.14, 100, 14"
  })
  void budgetIsRoundedUpButNotByRoundingErrors(double share, int eligible, int expected) {
    assertThat(RowPlanner.budget(share, eligible)).isEqualTo(expected);
  }

  @Test
  void chunkHeadSelectsTheFirstRowsOfEachChunk() {
    RowPlan plan = planner.plan(LAYOUT, new CacheBlend(new Selector.ChunkHeadRows(2)));

    assertThat(positions(plan)).containsExactly(0, 1, 2, 4, 5, 6, 9, 10);
    assertThat(plan.keepCounts().asList()).containsExactly(-1, -1, -1);
  }

  @ParameterizedTest
  @CsvSource({
    "0, ''",
    "0.1, 1",
    "0.2, 1 5",
    "0.4, 1 2 5",
    "0.5, 1 2 5 6",
    "0.7, 1 2 3 5 6",
    "0.8, 1 2 3 5 6 7",
    "1, 1 2 3 5 6 7 8"
  })
  void chunkHeadShareGoesRoundTheChunks(double share, String expected) {
    RowPlan plan = planner.plan(LAYOUT, new CacheBlend(new Selector.ChunkHeadShare(share)));

    Set<Integer> chosen = new TreeSet<>(positions(plan));
    chosen.removeAll(Set.of(0, 4, 9, 10));
    assertThat(chosen.stream().map(String::valueOf).collect(Collectors.joining(" ")))
        .isEqualTo(expected);
  }

  @Test
  void randomDrawsEligibleRowsByTheSeed() {
    PromptLayout layout = new PromptLayout(200, List.of(new Span(1, 101), new Span(120, 200)));
    Set<List<Integer>> draws = new HashSet<>();
    int[] timesDrawn = new int[200];
    for (long seed = 0; seed < 400; seed++) {
      Arm arm = new CacheBlend(new Selector.Random(0.25, seed));
      RowPlan plan = planner.plan(layout, arm);
      assertThat(plan).isEqualTo(planner.plan(layout, arm));
      // 179 eligible rows.
      assertThat(positions(plan)).hasSize(plan.forcedRowCount() + 45);
      List<Integer> rows = positions(plan);
      assertThat(rows).isSorted().doesNotHaveDuplicates().contains(0, 110, 199);
      draws.add(rows);
      rows.forEach(row -> timesDrawn[row]++);
    }
    assertThat(draws).hasSize(400);
    // 100 of 400 expected, standard deviation 8.7.
    for (int row : new int[] {1, 50, 100, 120, 198}) {
      assertThat(timesDrawn[row]).as("row %s", row).isBetween(60, 140);
    }
  }

  private static List<Integer> positions(RowPlan plan) {
    return plan.chosenPositions()
        .map(ImmutableIntArray::asList)
        .orElseGet(() -> range(0, plan.promptRowCount()));
  }

  private static List<Integer> range(int from, int to) {
    return IntStream.range(from, to).boxed().toList();
  }
}
