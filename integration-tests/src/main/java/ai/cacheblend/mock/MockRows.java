package ai.cacheblend.mock;

import ai.cacheblend.proto.v1.Arm;
import ai.cacheblend.proto.v1.CacheBlend;
import ai.cacheblend.proto.v1.CheckStep;
import ai.cacheblend.proto.v1.ChunkHeadSelector;
import ai.cacheblend.proto.v1.DeviationSelector;
import ai.cacheblend.proto.v1.LayerScores;
import ai.cacheblend.proto.v1.RowCounts;
import com.google.common.hash.Hashing;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * The rows of a prompt that an arm computes. A score is a hash of prompt, layer and position.
 *
 * @param active positions that are active in the last layer, ascending
 * @param forced number of active rows outside the recompute budget
 * @param recomputedRowLayers cached rows with fresh KV, summed over layers
 * @param probedRowLayers rows of the probe, summed over layers
 */
record MockRows(
    int promptTokenCount,
    Set<Integer> active,
    int forced,
    List<LayerScores> scores,
    long recomputedRowLayers,
    long probedRowLayers) {
  private static final int LAYERS = MockDescription.LAYERS;

  MockRows {
    active = Collections.unmodifiableSet(new TreeSet<>(active));
    scores = List.copyOf(scores);
  }

  /** Rows of a prompt whose first rows are there already, for arms that read no chunks. */
  static MockRows behind(MockPrompt prompt, int reused) {
    int length = prompt.length();
    return new MockRows(
        length,
        new TreeSet<>(IntStream.range(reused, length).boxed().toList()),
        length - reused,
        List.of(),
        0,
        0);
  }

  static MockRows of(MockPrompt prompt, Arm arm, List<Integer> checkLayers) {
    int length = prompt.length();
    Set<Integer> forced = new TreeSet<>();
    List<Integer> eligible = new ArrayList<>();
    for (MockPrompt.Part part : prompt.parts()) {
      for (int position = part.first(); position < part.end(); position++) {
        boolean free = part.cached() && position < length - 1;
        (free ? eligible : forced).add(position);
      }
    }
    Set<Integer> active = new TreeSet<>(forced);
    List<LayerScores> scores = new ArrayList<>();
    switch (arm.getArmCase()) {
      case FULL_KV_REUSE -> {}
      case CACHEBLEND ->
          active.addAll(chosen(prompt, arm.getCacheblend(), eligible, checkLayers, scores));
      case FULL_PREFILL, PREFIX_CACHING, ARM_NOT_SET ->
          throw MockPrompt.invalid(
              "arm is not set; use full_prefill, prefix_caching, full_kv_reuse or cacheblend");
    }
    return new MockRows(
        length,
        active,
        forced.size(),
        scores,
        recomputedRowLayers(active.size() - forced.size(), scores),
        eligible.isEmpty() ? 0 : (long) forced.size() * probedLayers(arm.getCacheblend()));
  }

  /** All eligible rows up to the first check layer, then those that reach the next one. */
  private static long recomputedRowLayers(int last, List<LayerScores> scores) {
    long sum = 0;
    int layer = 0;
    for (LayerScores check : scores) {
      sum += (long) check.getPositionsCount() * (check.getLayer() + 1 - layer);
      layer = check.getLayer() + 1;
    }
    return sum + (long) last * (LAYERS - layer);
  }

  /** Layers of the probe, up to the last one whose attention counts; 0 without a probe. */
  private static int probedLayers(CacheBlend blend) {
    return switch (blend.getSelectorCase()) {
      case QUERY_ATTENTION -> end(blend.getQueryAttention().getAttentionLayersList());
      case HEAD_ATTENTION -> end(blend.getHeadAttention().getAttentionLayersList());
      case DEVIATION_ATTENTION -> end(blend.getDeviationAttention().getAttentionLayersList());
      case DEVIATION, CHUNK_HEAD, RANDOM, SELECTOR_NOT_SET -> 0;
    };
  }

  private static int end(List<Integer> layers) {
    return layers.isEmpty() ? LAYERS : layers.get(layers.size() - 1) + 1;
  }

  /** The ratio of a selector that has a single one. */
  static double ratio(CacheBlend blend) {
    return switch (blend.getSelectorCase()) {
      case DEVIATION -> blend.getDeviation().getSchedule(0).getShare();
      case DEVIATION_ATTENTION ->
          blend.getDeviationAttention().getDeviation().getSchedule(0).getShare();
      case CHUNK_HEAD -> blend.getChunkHead().getRecomputeRatio();
      case QUERY_ATTENTION -> blend.getQueryAttention().getRecomputeRatio();
      case HEAD_ATTENTION -> blend.getHeadAttention().getRecomputeRatio();
      case RANDOM -> blend.getRandom().getRecomputeRatio();
      case SELECTOR_NOT_SET -> throw MockPrompt.invalid("raise_ratio is set without a selector");
    };
  }

  RowCounts counts() {
    int recomputed = active.size() - forced;
    return RowCounts.newBuilder()
        .setPromptTokenCount(promptTokenCount)
        .setReusedTokenCount(promptTokenCount - active.size())
        .setRecomputedTokenCount(recomputed)
        .setComputedTokenCount(forced)
        .setRecomputedRowLayers(recomputedRowLayers)
        .setProbedRowLayers(probedRowLayers)
        .build();
  }

  private static List<Integer> chosen(
      MockPrompt prompt,
      CacheBlend blend,
      List<Integer> eligible,
      List<Integer> checkLayers,
      List<LayerScores> scores) {
    return switch (blend.getSelectorCase()) {
      case DEVIATION -> byScore(prompt, blend.getDeviation(), eligible, checkLayers, scores);
      case CHUNK_HEAD -> chunkHeads(prompt, blend.getChunkHead(), eligible);
      case QUERY_ATTENTION ->
          byAttention(prompt, eligible, blend.getQueryAttention().getRecomputeRatio());
      case HEAD_ATTENTION ->
          byAttention(prompt, eligible, blend.getHeadAttention().getRecomputeRatio());
      case DEVIATION_ATTENTION ->
          byScore(
              prompt, blend.getDeviationAttention().getDeviation(), eligible, checkLayers, scores);
      case RANDOM -> {
        List<Integer> shuffled = new ArrayList<>(eligible);
        Collections.shuffle(shuffled, new Random(blend.getRandom().getSeed()));
        yield shuffled.subList(0, rows(blend.getRandom().getRecomputeRatio(), eligible.size()));
      }
      case SELECTOR_NOT_SET ->
          throw MockPrompt.invalid("selector is not set; use one of CacheBlend.selector");
    };
  }

  /** The mock has no attention: the highest hashes of layer 0. */
  private static List<Integer> byAttention(
      MockPrompt prompt, List<Integer> eligible, double recomputeRatio) {
    return eligible.stream()
        .sorted(Comparator.comparingDouble(p -> -score(prompt, 0, p)))
        .limit(rows(recomputeRatio, eligible.size()))
        .toList();
  }

  private static int rows(double share, int eligibleCount) {
    if (!(share >= 0 && share <= 1)) {
      throw MockPrompt.invalid("recompute_ratio is " + share + "; use a share from 0 to 1");
    }
    return (int) Math.max(0, Math.ceil(share * eligibleCount - 1e-9));
  }

  private static List<Integer> byScore(
      MockPrompt prompt,
      DeviationSelector selector,
      List<Integer> eligible,
      List<Integer> checkLayers,
      List<LayerScores> scores) {
    if (selector.getScheduleCount() == 0) {
      throw MockPrompt.invalid("schedule is empty; give at least one step");
    }
    List<Integer> left = eligible;
    int layerBefore = 0;
    for (CheckStep step : selector.getScheduleList()) {
      if (!checkLayers.contains(step.getLayer()) || step.getLayer() <= layerBefore) {
        throw MockPrompt.invalid(
            "check layer is " + step.getLayer() + "; use ascending layers of " + checkLayers);
      }
      layerBefore = step.getLayer();
      int keep = Math.min(left.size(), rows(step.getShare(), eligible.size()));
      LayerScores.Builder layer = LayerScores.newBuilder().setLayer(step.getLayer());
      left.forEach(p -> layer.addPositions(p).addScores(score(prompt, step.getLayer(), p)));
      scores.add(layer.build());
      left =
          left.stream()
              .sorted(
                  Comparator.<Integer>comparingDouble(p -> -score(prompt, step.getLayer(), p))
                      .thenComparing(p -> p))
              .limit(keep)
              .sorted()
              .toList();
    }
    return left;
  }

  private static float score(MockPrompt prompt, int layer, int position) {
    int hash =
        Hashing.murmur3_32_fixed()
            .newHasher()
            .putInt(prompt.ids().hashCode())
            .putInt(layer)
            .putInt(position)
            .hash()
            .asInt();
    return Integer.toUnsignedLong(hash) / (float) (1L << 32);
  }

  private static List<Integer> chunkHeads(
      MockPrompt prompt, ChunkHeadSelector selector, List<Integer> eligible) {
    boolean perChunk =
        switch (selector.getAmountCase()) {
          case ROWS_PER_CHUNK -> true;
          case RECOMPUTE_RATIO -> false;
          case AMOUNT_NOT_SET ->
              throw MockPrompt.invalid("chunk_head has no amount; use rows_per_chunk or a ratio");
        };
    List<Integer> heads = new ArrayList<>();
    int deepest = perChunk ? selector.getRowsPerChunk() : prompt.length();
    for (int depth = 0; depth < deepest; depth++) {
      for (MockPrompt.Part chunk : prompt.chunks()) {
        int position = chunk.first() + depth;
        if (position < chunk.end() && position < prompt.length() - 1) {
          heads.add(position);
        }
      }
    }
    return perChunk ? heads : heads.subList(0, rows(selector.getRecomputeRatio(), eligible.size()));
  }
}
