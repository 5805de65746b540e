package ai.cacheblend.worker.blend;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The rule that ranks cached rows. Shares refer to all eligible rows: the cached rows except the
 * last row of the prompt.
 */
public sealed interface Selector {
  /** The share of the eligible rows that is recomputed; empty where it is no single number. */
  OptionalDouble ratio();

  /**
   * The same rule with another ratio.
   *
   * @throws IllegalStateException if the rule has none
   */
  Selector withRatio(double ratio);

  /** Layers whose attention counts; empty for all, and for selectors without attention. */
  default List<Integer> attentionLayers() {
    return List.of();
  }

  /** The comparison at check layers, for selectors that have one. */
  default Optional<Deviation> comparison() {
    return Optional.empty();
  }

  /** Tensor that a check layer compares. */
  enum Tensor {
    VALUE,
    KEY
  }

  /** Share of the eligible rows that stay active after a decoder layer. */
  record CheckStep(int layer, double share) {
    public CheckStep {
      checkArgument(
          layer >= 1,
          "schedule layer is %s; set it to 1 or more (in layer 0, KV depends on the token alone)",
          Integer.toUnsignedString(layer));
      checkShare("schedule share of layer " + layer, share);
    }
  }

  /** The rows with the largest deviation of fresh from cached KV. */
  record Deviation(Tensor tensor, List<CheckStep> schedule) implements Selector {
    public Deviation {
      requireNonNull(tensor, "tensor is null");
      schedule = List.copyOf(schedule);
      checkArgument(!schedule.isEmpty(), "schedule is empty; set at least one layer and share");
      for (int i = 1; i < schedule.size(); i++) {
        CheckStep before = schedule.get(i - 1);
        CheckStep step = schedule.get(i);
        checkArgument(
            step.layer() > before.layer(),
            "schedule layer %s follows layer %s; layers must be strictly ascending",
            step.layer(),
            before.layer());
        checkArgument(
            step.share() <= before.share(),
            "schedule share %s of layer %s is above share %s of layer %s; shares must not ascend",
            step.share(),
            step.layer(),
            before.share(),
            before.layer());
      }
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
    public Optional<Deviation> comparison() {
      return Optional.of(this);
    }
  }

  /** A fixed number of first rows of each chunk. */
  record ChunkHeadRows(int rowsPerChunk) implements Selector {
    public ChunkHeadRows {
      checkArgument(
          rowsPerChunk >= 1,
          "rows_per_chunk is %s; set it to 1 to 2147483647",
          Integer.toUnsignedString(rowsPerChunk));
    }

    @Override
    public OptionalDouble ratio() {
      return OptionalDouble.empty();
    }

    @Override
    public Selector withRatio(double ratio) {
      throw new IllegalStateException(this + " has no ratio");
    }
  }

  /** The first row of every chunk, then the second rows, and so on, up to a share. */
  record ChunkHeadShare(double recomputeRatio) implements Selector {
    public ChunkHeadShare {
      checkShare("chunk_head recompute_ratio", recomputeRatio);
    }

    @Override
    public OptionalDouble ratio() {
      return OptionalDouble.of(recomputeRatio);
    }

    @Override
    public Selector withRatio(double ratio) {
      return new ChunkHeadShare(ratio);
    }
  }

  /** Rows selected at random. */
  record Random(double recomputeRatio, long seed) implements Selector {
    public Random {
      checkShare("random recompute_ratio", recomputeRatio);
    }

    @Override
    public OptionalDouble ratio() {
      return OptionalDouble.of(recomputeRatio);
    }

    @Override
    public Selector withRatio(double ratio) {
      return new Random(ratio, seed);
    }
  }

  /**
   * The rows that the question attends to (ProphetKV, arXiv 2602.02579): a probe computes the
   * forced rows over the cached KV.
   *
   * @param expand a quarter of the budget goes to the rows behind those
   * @param layers layers whose attention counts, ascending; empty for all
   */
  record QueryAttention(double recomputeRatio, boolean expand, List<Integer> layers)
      implements Selector {
    public QueryAttention {
      checkShare("query_attention recompute_ratio", recomputeRatio);
      layers = checkLayers(layers);
    }

    @Override
    public OptionalDouble ratio() {
      return OptionalDouble.of(recomputeRatio);
    }

    @Override
    public Selector withRatio(double ratio) {
      return new QueryAttention(ratio, expand, layers);
    }

    @Override
    public List<Integer> attentionLayers() {
      return layers;
    }
  }

  /** Half of the budget, rounded up, as {@link ChunkHeadShare}, the rest by attention. */
  record HeadAttention(double recomputeRatio, List<Integer> layers) implements Selector {
    public HeadAttention {
      checkShare("head_attention recompute_ratio", recomputeRatio);
      layers = checkLayers(layers);
    }

    @Override
    public OptionalDouble ratio() {
      return OptionalDouble.of(recomputeRatio);
    }

    @Override
    public Selector withRatio(double ratio) {
      return new HeadAttention(ratio, layers);
    }

    @Override
    public List<Integer> attentionLayers() {
      return layers;
    }
  }

  /** As {@link Deviation}, with the scores multiplied by the attention of the question. */
  record DeviationAttention(Deviation deviation, List<Integer> layers) implements Selector {
    public DeviationAttention {
      requireNonNull(deviation, "deviation is null");
      layers = checkLayers(layers);
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
    public List<Integer> attentionLayers() {
      return layers;
    }

    @Override
    public Optional<Deviation> comparison() {
      return Optional.of(deviation);
    }
  }

  private static List<Integer> checkLayers(List<Integer> layers) {
    for (int i = 0; i < layers.size(); i++) {
      checkArgument(
          layers.get(i) >= 0 && (i == 0 || layers.get(i) > layers.get(i - 1)),
          "attention_layers has %s; set strictly ascending layers of the model",
          Integer.toUnsignedString(layers.get(i)));
    }
    return List.copyOf(layers);
  }

  private static void checkShare(String name, double share) {
    // The condition is false for NaN.
    checkArgument(share >= 0 && share <= 1, "%s is %s; set it to a share in [0, 1]", name, share);
  }
}
