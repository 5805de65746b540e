package ai.cacheblend.worker.blend;

import static com.google.common.base.Preconditions.checkArgument;

import ai.cacheblend.worker.blend.PromptLayout.Span;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Plans the rows of the prefill step from the layout of a prompt and an arm.
 *
 * <p>Selectors that need fresh KV start with all rows and filter at check layers. Selectors that
 * need the attention of the question run a probe before. The other selectors start with the forced
 * rows and the selected rows in layer 0.
 */
public final class RowPlanner {
  /** Tolerance for products such as 0.15 · 20 that rounding error lifts above an integer. */
  private static final double ROUNDING = 1e-9;

  /** Share of the budget that an expanding selector takes by attention alone. */
  private static final double ANCHOR_SHARE = 0.75;

  private final List<Integer> checkLayers;
  private final int layerCount;

  /** For a graph with these check layers. */
  public RowPlanner(List<Integer> checkLayers, int layerCount) {
    this.checkLayers = List.copyOf(checkLayers);
    this.layerCount = layerCount;
  }

  /** The rows with fresh KV, by layer, of a plan of this planner. */
  public RowLayers rowLayers(RowPlan plan) {
    return RowLayers.of(plan, checkLayers, layerCount);
  }

  /**
   * The work of a plan in the order of the layers whose stored KV it needs. A probe needs the KV of
   * a layer before the prefill does; the layers that the probe has passed are computed together
   * before the next one.
   */
  public List<LayerWork> layerWork(PromptLayout layout, RowPlan plan) {
    int[] eligible = RowLayers.eligibleRows(plan, checkLayers, layerCount);
    LayerWork forced = layout.forcedWork();
    double meanPosition = layout.meanEligiblePosition();
    int probeEnd = plan.attention().map(AttentionPlan::layerEnd).orElse(0);
    LayerWork passed = LayerWork.NONE;
    List<LayerWork> work = new ArrayList<>(layerCount);
    for (int layer = 0; layer < layerCount; layer++) {
      LayerWork prefill =
          forced.plus(new LayerWork(eligible[layer], eligible[layer] * (meanPosition + 1)));
      if (layer < probeEnd) {
        passed = passed.plus(prefill);
        work.add(layer == layerCount - 1 ? forced.plus(passed) : forced);
      } else {
        work.add(prefill.plus(passed));
        passed = LayerWork.NONE;
      }
    }
    return work;
  }

  public RowPlan plan(PromptLayout layout, Arm arm) {
    if (arm instanceof Arm.CacheBlend blend) {
      return plan(layout, blend.selector());
    }
    if (arm instanceof Arm.FullKvReuse || arm instanceof Arm.PrefixCaching) {
      return chosen(layout, new BitSet());
    }
    return allRows(layout.withoutChunks(), Optional.empty(), noChecks(), Selector.Tensor.VALUE);
  }

  private RowPlan plan(PromptLayout layout, Selector selector) {
    if (selector instanceof Selector.Deviation deviation) {
      return deviation(layout, deviation, Optional.empty());
    }
    if (selector instanceof Selector.ChunkHeadRows head) {
      return chosen(layout, ChunkHeads.ofEach(layout, head.rowsPerChunk()));
    }
    if (selector instanceof Selector.ChunkHeadShare head) {
      BitSet rows = new BitSet();
      ChunkHeads.first(layout, budget(head.recomputeRatio(), layout.eligibleRowCount()))
          .forEach(row -> rows.set(row.position()));
      return chosen(layout, rows);
    }
    if (selector instanceof Selector.Random random) {
      return chosen(layout, random(layout, random.recomputeRatio(), random.seed()));
    }
    if (selector instanceof Selector.QueryAttention query) {
      int count = budget(query.recomputeRatio(), layout.eligibleRowCount());
      int anchorCount = query.expand() ? (int) (ANCHOR_SHARE * count) : count;
      return byAttention(
          layout, query.layers(), new AttentionPlan.Choice(count, anchorCount, 0, 0));
    }
    if (selector instanceof Selector.HeadAttention head) {
      return byAttention(layout, head.layers(), headChoice(layout, head));
    }
    if (selector instanceof Selector.DeviationAttention product) {
      return deviation(
          layout, product.deviation(), probe(layout, product.layers(), Optional.empty()));
    }
    throw new AssertionError("unknown selector: " + selector);
  }

  private RowPlan deviation(
      PromptLayout layout, Selector.Deviation deviation, Optional<AttentionPlan> attention) {
    return allRows(layout, attention, keepCounts(layout, deviation), deviation.tensor());
  }

  private RowPlan byAttention(
      PromptLayout layout, List<Integer> layers, AttentionPlan.Choice choice) {
    return allRows(
        layout, probe(layout, layers, Optional.of(choice)), noChecks(), Selector.Tensor.VALUE);
  }

  /** Half of the budget, rounded up, for chunk heads, the rest by attention. */
  private static AttentionPlan.Choice headChoice(
      PromptLayout layout, Selector.HeadAttention selector) {
    int count = budget(selector.recomputeRatio(), layout.eligibleRowCount());
    List<ChunkHeads.Row> heads = ChunkHeads.first(layout, (count + 1) / 2);
    if (heads.isEmpty()) {
      return new AttentionPlan.Choice(count, count, 0, 0);
    }
    ChunkHeads.Row last = heads.get(heads.size() - 1);
    return new AttentionPlan.Choice(count, count, last.indexInChunk(), last.position() + 1);
  }

  /** Empty if the prompt has no rows to rank. */
  private Optional<AttentionPlan> probe(
      PromptLayout layout, List<Integer> layers, Optional<AttentionPlan.Choice> choice) {
    if (layout.eligibleRowCount() == 0) {
      return Optional.empty();
    }
    return Optional.of(
        new AttentionPlan(
            ImmutableIntArray.copyOf(forcedRows(layout).stream()),
            layout.tokenCount() - layout.firstQueryPosition(),
            layers.isEmpty()
                ? ImmutableIntArray.copyOf(IntStream.range(0, layerCount))
                : ImmutableIntArray.copyOf(layers),
            choice));
  }

  private static RowPlan allRows(
      PromptLayout layout,
      Optional<AttentionPlan> attention,
      int[] keepCounts,
      Selector.Tensor tensor) {
    int eligible = layout.eligibleRowCount();
    return new RowPlan(
        Optional.empty(),
        layout.tokenCount() - eligible,
        eligible,
        attention,
        ImmutableIntArray.copyOf(keepCounts),
        tensor);
  }

  private RowPlan chosen(PromptLayout layout, BitSet chosen) {
    BitSet active = forcedRows(layout);
    active.or(chosen);
    return new RowPlan(
        Optional.of(ImmutableIntArray.copyOf(active.stream())),
        layout.tokenCount() - layout.eligibleRowCount(),
        layout.eligibleRowCount(),
        Optional.empty(),
        ImmutableIntArray.copyOf(noChecks()),
        Selector.Tensor.VALUE);
  }

  private int[] keepCounts(PromptLayout layout, Selector.Deviation deviation) {
    int eligible = layout.eligibleRowCount();
    int[] counts = noChecks();
    for (Selector.CheckStep step : deviation.schedule()) {
      int index = checkLayers.indexOf(step.layer());
      checkArgument(
          index >= 0, "layer %s is not one of the check layers %s", step.layer(), checkLayers);
      counts[index] = budget(step.share(), eligible);
    }
    return counts;
  }

  private int[] noChecks() {
    int[] counts = new int[checkLayers.size()];
    Arrays.fill(counts, -1);
    return counts;
  }

  private static BitSet forcedRows(PromptLayout layout) {
    BitSet rows = new BitSet(layout.tokenCount());
    rows.set(0, layout.tokenCount());
    rows.andNot(eligibleRows(layout));
    return rows;
  }

  private static BitSet eligibleRows(PromptLayout layout) {
    BitSet rows = new BitSet(layout.tokenCount());
    for (Span chunk : layout.chunks()) {
      rows.set(chunk.from(), chunk.to());
    }
    rows.clear(layout.tokenCount() - 1);
    return rows;
  }

  static int budget(double share, int eligibleRowCount) {
    return (int) Math.ceil(share * eligibleRowCount - ROUNDING);
  }

  /** The first elements of a Fisher–Yates shuffle of the eligible rows. */
  private static BitSet random(PromptLayout layout, double recomputeRatio, long seed) {
    int[] rows = eligibleRows(layout).stream().toArray();
    SplittableRandom random = new SplittableRandom(seed);
    BitSet chosen = new BitSet();
    for (int i = 0, count = budget(recomputeRatio, rows.length); i < count; i++) {
      int j = random.nextInt(i, rows.length);
      int row = rows[j];
      rows[j] = rows[i];
      rows[i] = row;
      chosen.set(row);
    }
    return chosen;
  }
}
