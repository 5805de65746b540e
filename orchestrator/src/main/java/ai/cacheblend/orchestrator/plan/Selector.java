package ai.cacheblend.orchestrator.plan;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;

/** The rule that selects the cached rows to recompute. */
public sealed interface Selector {

  /** The row in the table of selectors; determines text form, JSON form and message. */
  SelectorKind kind();

  /** Number of selected cached rows of a prompt. */
  int recomputedRowCount(PromptShape shape);

  /** Rows with fresh KV, by which the work of the arm is measured. */
  default RowLayers rowLayers(PromptShape shape, int layerCount) {
    return RowLayers.everywhere(recomputedRowCount(shape), layerCount);
  }

  /** The same rule that compares rows at another layer, for selectors that compare rows. */
  default Selector withCheckLayer(int layer) {
    return this;
  }

  /** Check layers that the model of the worker must support; may be empty. */
  default List<Integer> checkLayers() {
    return List.of();
  }

  /** The share of cached rows that is recomputed; empty for other kinds of budgets. */
  default OptionalDouble ratio() {
    return OptionalDouble.empty();
  }

  /** A copy with another ratio, for selectors that have a {@link #ratio}. */
  default Selector withRatio(double ratio) {
    throw new UnsupportedOperationException(this + " has no ratio");
  }

  /** The tensor whose fresh and cached values are compared. */
  enum Tensor {
    VALUE,
    KEY
  }

  /** Selectors whose budget is a share of the cached rows of a prompt. */
  sealed interface OfShare extends Selector {
    double recomputeRatio();

    @Override
    default OptionalDouble ratio() {
      return OptionalDouble.of(recomputeRatio());
    }

    @Override
    default int recomputedRowCount(PromptShape shape) {
      return Shares.rowsOf(recomputeRatio(), shape.eligibleRowCount());
    }
  }

  /** Rows with the largest deviation of fresh from cached KV. */
  record Deviation(Tensor tensor, List<CheckStep> schedule) implements Selector {
    public Deviation {
      schedule = CheckStep.schedule(schedule);
    }

    @Override
    public SelectorKind kind() {
      return SelectorKind.DEVIATION;
    }

    @Override
    public OptionalDouble ratio() {
      return schedule.size() == 1
          ? OptionalDouble.of(schedule.get(0).share())
          : OptionalDouble.empty();
    }

    @Override
    public Deviation withRatio(double ratio) {
      return new Deviation(tensor, List.of(new CheckStep(schedule.get(0).layer(), ratio)));
    }

    @Override
    public RowLayers rowLayers(PromptShape shape, int layerCount) {
      return RowLayers.checked(schedule, shape.eligibleRowCount(), layerCount);
    }

    /** A comparison at one check layer. */
    @Override
    public Deviation withCheckLayer(int layer) {
      return new Deviation(tensor, List.of(new CheckStep(layer, schedule.get(0).share())));
    }

    @Override
    public int recomputedRowCount(PromptShape shape) {
      return Shares.rowsOf(schedule.get(schedule.size() - 1).share(), shape.eligibleRowCount());
    }

    @Override
    public List<Integer> checkLayers() {
      return schedule.stream().map(CheckStep::layer).toList();
    }
  }

  /** The first rows of each chunk, a fixed number per chunk. */
  record ChunkHeadRows(int rowsPerChunk) implements Selector {
    public ChunkHeadRows {
      require(rowsPerChunk >= 1, "chunk-head k is " + rowsPerChunk + "; use 1 or more");
    }

    @Override
    public SelectorKind kind() {
      return SelectorKind.CHUNK_HEAD;
    }

    @Override
    public int recomputedRowCount(PromptShape shape) {
      return shape.eligibleRowsPerChunk().stream()
          .mapToInt(rows -> Math.min(rows, rowsPerChunk))
          .sum();
    }
  }

  /** The first rows of each chunk, in total a share of all cached rows. */
  record ChunkHeadShare(double recomputeRatio) implements OfShare {
    public ChunkHeadShare {
      Shares.check("recompute_ratio", recomputeRatio);
    }

    @Override
    public SelectorKind kind() {
      return SelectorKind.CHUNK_HEAD;
    }

    @Override
    public Selector withRatio(double ratio) {
      return new ChunkHeadShare(ratio);
    }
  }

  /**
   * Rows that the question attends to.
   *
   * @param expand a quarter of the budget goes to the rows behind those
   * @param layers layers whose attention counts; empty for all
   */
  record QueryAttention(double recomputeRatio, boolean expand, List<Integer> layers)
      implements OfShare {
    public QueryAttention {
      Shares.check("recompute_ratio", recomputeRatio);
      layers = LayerSet.check(layers);
    }

    @Override
    public SelectorKind kind() {
      return SelectorKind.QUERY_ATTENTION;
    }

    @Override
    public Selector withRatio(double ratio) {
      return new QueryAttention(ratio, expand, layers);
    }

    @Override
    public RowLayers rowLayers(PromptShape shape, int layerCount) {
      return RowLayers.everywhere(recomputedRowCount(shape), layerCount)
          .afterProbe(shape, layers, layerCount);
    }
  }

  /** Half of the budget as {@link ChunkHeadShare}, half by attention. */
  record HeadAttention(double recomputeRatio, List<Integer> layers) implements OfShare {
    public HeadAttention {
      Shares.check("recompute_ratio", recomputeRatio);
      layers = LayerSet.check(layers);
    }

    @Override
    public SelectorKind kind() {
      return SelectorKind.HEAD_ATTENTION;
    }

    @Override
    public Selector withRatio(double ratio) {
      return new HeadAttention(ratio, layers);
    }

    @Override
    public RowLayers rowLayers(PromptShape shape, int layerCount) {
      return RowLayers.everywhere(recomputedRowCount(shape), layerCount)
          .afterProbe(shape, layers, layerCount);
    }
  }

  /** Rows with the largest product of deviation and attention. */
  record DeviationAttention(Deviation deviation, List<Integer> layers) implements Selector {
    public DeviationAttention {
      Objects.requireNonNull(deviation, "deviation");
      layers = LayerSet.check(layers);
    }

    @Override
    public SelectorKind kind() {
      return SelectorKind.DEVIATION_ATTENTION;
    }

    @Override
    public OptionalDouble ratio() {
      return deviation.ratio();
    }

    @Override
    public Selector withRatio(double ratio) {
      return new DeviationAttention(deviation.withRatio(ratio), layers);
    }

    @Override
    public DeviationAttention withCheckLayer(int layer) {
      return new DeviationAttention(deviation.withCheckLayer(layer), layers);
    }

    @Override
    public int recomputedRowCount(PromptShape shape) {
      return deviation.recomputedRowCount(shape);
    }

    @Override
    public RowLayers rowLayers(PromptShape shape, int layerCount) {
      return deviation.rowLayers(shape, layerCount).afterProbe(shape, layers, layerCount);
    }

    @Override
    public List<Integer> checkLayers() {
      return deviation.checkLayers();
    }
  }

  /** Random rows: the control. */
  record RandomRows(double recomputeRatio, long seed) implements OfShare {
    public RandomRows {
      Shares.check("recompute_ratio", recomputeRatio);
    }

    @Override
    public SelectorKind kind() {
      return SelectorKind.RANDOM;
    }

    @Override
    public Selector withRatio(double ratio) {
      return new RandomRows(ratio, seed);
    }
  }
}
