package ai.cacheblend.worker.blend;

import static com.google.common.base.Preconditions.checkArgument;

import ai.cacheblend.worker.blend.PromptLayout.Span;
import com.google.common.primitives.ImmutableIntArray;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Plans the rows of the prefill step from the layout of a prompt and an arm.
 *
 * <p>Selectors that need fresh KV start with all rows and filter at check layers. The other
 * selectors start with the forced rows and the selected rows in layer 0.
 */
public final class RowPlanner {
  /** Tolerance for products such as 0.15 · 20 that rounding error lifts above an integer. */
  private static final double ROUNDING = 1e-9;

  private final List<Integer> checkLayers;

  /** For a graph with these check layers. */
  public RowPlanner(List<Integer> checkLayers) {
    this.checkLayers = List.copyOf(checkLayers);
  }

  public RowPlan plan(PromptLayout layout, Arm arm) {
    if (arm instanceof Arm.CacheBlend blend) {
      return plan(layout, blend.selector());
    }
    if (arm instanceof Arm.FullKvReuse) {
      return chosen(layout, new BitSet());
    }
    return allRows(layout.withoutChunks(), noChecks(), Selector.Tensor.VALUE);
  }

  private RowPlan plan(PromptLayout layout, Selector selector) {
    if (selector instanceof Selector.Deviation deviation) {
      return allRows(layout, keepCounts(layout, deviation), deviation.tensor());
    }
    if (selector instanceof Selector.ChunkHeadRows head) {
      return chosen(layout, chunkHeads(layout, head.rowsPerChunk()));
    }
    if (selector instanceof Selector.ChunkHeadShare head) {
      return chosen(layout, chunkHeads(layout, head.recomputeRatio()));
    }
    if (selector instanceof Selector.Random random) {
      return chosen(layout, random(layout, random.recomputeRatio(), random.seed()));
    }
    throw new AssertionError("unknown selector: " + selector);
  }

  private static RowPlan allRows(PromptLayout layout, int[] keepCounts, Selector.Tensor tensor) {
    int eligible = layout.eligibleRowCount();
    return new RowPlan(
        Optional.empty(),
        layout.tokenCount() - eligible,
        eligible,
        ImmutableIntArray.copyOf(keepCounts),
        tensor);
  }

  private RowPlan chosen(PromptLayout layout, BitSet chosen) {
    BitSet eligible = eligibleRows(layout);
    BitSet active = new BitSet(layout.tokenCount());
    active.set(0, layout.tokenCount());
    active.andNot(eligible);
    active.or(chosen);
    return new RowPlan(
        Optional.of(ImmutableIntArray.copyOf(active.stream())),
        layout.tokenCount() - layout.eligibleRowCount(),
        layout.eligibleRowCount(),
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

  private static BitSet chunkHeads(PromptLayout layout, int rowsPerChunk) {
    BitSet rows = new BitSet();
    for (Span chunk : layout.chunks()) {
      rows.set(chunk.from(), chunk.from() + Math.min(rowsPerChunk, chunk.to() - chunk.from()));
    }
    rows.clear(layout.tokenCount() - 1);
    return rows;
  }

  private static BitSet chunkHeads(PromptLayout layout, double recomputeRatio) {
    record Row(int indexInChunk, int position) {}
    BitSet eligible = eligibleRows(layout);
    BitSet rows = new BitSet();
    layout.chunks().stream()
        .flatMap(
            chunk ->
                IntStream.range(chunk.from(), chunk.to())
                    .mapToObj(p -> new Row(p - chunk.from(), p)))
        .filter(row -> eligible.get(row.position()))
        .sorted(Comparator.comparingInt(Row::indexInChunk).thenComparingInt(Row::position))
        .limit(budget(recomputeRatio, layout.eligibleRowCount()))
        .forEach(row -> rows.set(row.position()));
    return rows;
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
