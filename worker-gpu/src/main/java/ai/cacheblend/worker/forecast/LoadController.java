package ai.cacheblend.worker.forecast;

import static java.util.Comparator.comparing;
import static java.util.Comparator.comparingInt;

import ai.cacheblend.metrics.LayerwiseLoad;
import ai.cacheblend.worker.blend.Arm;
import ai.cacheblend.worker.blend.LayerWork;
import ai.cacheblend.worker.blend.PromptLayout;
import ai.cacheblend.worker.blend.PromptLayout.Span;
import ai.cacheblend.worker.blend.RowPlanner;
import ai.cacheblend.worker.chunks.ChunkKey;
import ai.cacheblend.worker.chunks.ChunkLocation;
import ai.cacheblend.worker.chunks.LoadRates;
import ai.cacheblend.worker.chunks.tier.TierKind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Predicts the TTFT of prompts whose chunks are loaded while they are computed, and decides what to
 * load and how much to recompute. Used by the scheduler thread.
 */
public final class LoadController {
  /** A shorter TTFT is worth a recompute only if it is shorter by this factor. */
  private static final double WORTH = 1.02;

  /** More rows are recomputed while they make the TTFT longer by this factor at most. */
  private static final double FREE = 1.02;

  private static final int RATIO_STEPS = 10;

  /** After so many prompts that loaded nothing from a tier, one chunk is, to measure it again. */
  private static final int MAX_SKIPPED = 16;

  /**
   * A cached segment of a prompt.
   *
   * @param location empty if no tier has the chunk
   */
  public record Chunk(ChunkKey key, Span span, Optional<ChunkLocation> location) {
    private boolean loads() {
      return location.isPresent() && location.get().tier() != TierKind.DEVICE;
    }
  }

  private final RowPlanner planner;
  private final LoadModel loadModel;
  private final ComputeModel computeModel = new ComputeModel();

  /** Prompts since a chunk was loaded from a tier although there were some. */
  private final Map<TierKind, Integer> skippedCounts = new HashMap<>();

  public LoadController(RowPlanner planner, LoadRates rates) {
    this.planner = planner;
    this.loadModel = new LoadModel(rates);
  }

  /**
   * Learns from a prefill that ran alone.
   *
   * @param nanos of compute, without waits for loads
   */
  public void observe(List<LayerWork> work, long nanos) {
    if (nanos > 0) {
      computeModel.observe(work, nanos / 1e9);
    }
  }

  /** Empty while too little was measured. */
  public Optional<Prediction> predict(
      List<LayerWork> work, Collection<ChunkLocation> loads, OptionalLong bytesPerSecond) {
    double loadSeconds = loadModel.seconds(loads, bytesPerSecond);
    return computeModel
        .predict(work)
        .map(compute -> new Prediction(nanos(compute.seconds(loadSeconds)), nanos(loadSeconds)));
  }

  private static long nanos(double seconds) {
    return Math.round(seconds * 1e9);
  }

  /**
   * The chunks whose rows are computed instead of loaded, so that the predicted TTFT is shortest.
   * Of chunks in the same tier, those at the end are loaded first: rows at the beginning attend to
   * fewer keys.
   *
   * @param arm one that reads chunks
   * @param chunks in the order of the prompt
   */
  public Set<ChunkKey> recomputed(
      PromptLayout layout, Arm arm, List<Chunk> chunks, OptionalLong bytesPerSecond) {
    Map<ChunkKey, ChunkLocation> loadable = byPreference(chunks);
    if (loadable.isEmpty()) {
      return Set.of();
    }
    List<ChunkKey> order = List.copyOf(loadable.keySet());
    OptionalDouble all = seconds(layout, arm, chunks, loadable, order.size(), bytesPerSecond);
    if (all.isEmpty()) {
      return Set.of();
    }
    int best = order.size();
    double shortest = all.getAsDouble() / WORTH;
    for (int count = order.size() - 1; count >= 0; count--) {
      double seconds = seconds(layout, arm, chunks, loadable, count, bytesPerSecond).getAsDouble();
      if (seconds < shortest) {
        best = count;
        shortest = seconds;
      }
    }
    Set<ChunkKey> recomputed = new HashSet<>(order.subList(best, order.size()));
    keepMeasuring(loadable, recomputed);
    return recomputed;
  }

  private static Map<ChunkKey, ChunkLocation> byPreference(List<Chunk> chunks) {
    Map<ChunkKey, ChunkLocation> loadable = new LinkedHashMap<>();
    chunks.stream()
        .filter(Chunk::loads)
        .sorted(
            comparing((Chunk chunk) -> chunk.location().orElseThrow().tier())
                .thenComparing(comparingInt((Chunk chunk) -> chunk.span().from()).reversed()))
        .forEach(chunk -> loadable.put(chunk.key(), chunk.location().orElseThrow()));
    return loadable;
  }

  /** The TTFT if the first of the loadable chunks are loaded. */
  private OptionalDouble seconds(
      PromptLayout layout,
      Arm arm,
      List<Chunk> chunks,
      Map<ChunkKey, ChunkLocation> loadable,
      int count,
      OptionalLong bytesPerSecond) {
    List<ChunkKey> order = List.copyOf(loadable.keySet());
    Set<ChunkKey> recomputed = new HashSet<>(order.subList(count, order.size()));
    List<Span> cached = new ArrayList<>();
    for (Chunk chunk : chunks) {
      if (!recomputed.contains(chunk.key())) {
        cached.add(chunk.span());
      }
    }
    PromptLayout rest = new PromptLayout(layout.tokenCount(), cached);
    double loadSeconds =
        loadModel.seconds(List.copyOf(loadable.values()).subList(0, count), bytesPerSecond);
    Optional<LayerwiseLoad> compute = computeModel.predict(work(rest, arm));
    return compute.isPresent()
        ? OptionalDouble.of(compute.get().seconds(loadSeconds))
        : OptionalDouble.empty();
  }

  private List<LayerWork> work(PromptLayout layout, Arm arm) {
    return planner.layerWork(layout, planner.plan(layout, arm));
  }

  private void keepMeasuring(Map<ChunkKey, ChunkLocation> loadable, Set<ChunkKey> recomputed) {
    Map<TierKind, ChunkKey> first = new LinkedHashMap<>();
    Set<TierKind> loaded = new HashSet<>();
    loadable.forEach(
        (key, location) -> {
          first.putIfAbsent(location.tier(), key);
          if (!recomputed.contains(key)) {
            loaded.add(location.tier());
          }
        });
    first.forEach(
        (tier, key) -> {
          int skipped = loaded.contains(tier) ? 0 : skippedCounts.getOrDefault(tier, 0) + 1;
          if (skipped > MAX_SKIPPED) {
            recomputed.remove(key);
            skipped = 0;
          }
          skippedCounts.put(tier, skipped);
        });
  }

  /**
   * The largest ratio, from that of the arm to 1, with which the TTFT is hardly longer, because the
   * rows are computed while the chunks are loaded.
   *
   * @param loads locations of the chunks of the layout
   */
  public double freeRatio(
      PromptLayout layout,
      Arm.CacheBlend arm,
      Collection<ChunkLocation> loads,
      OptionalLong bytesPerSecond) {
    double least = arm.selector().ratio().orElseThrow();
    double loadSeconds = loadModel.seconds(loads, bytesPerSecond);
    Optional<LayerwiseLoad> compute = computeModel.predict(work(layout, arm));
    if (loadSeconds == 0 || compute.isEmpty()) {
      return least;
    }
    double limit = FREE * compute.get().seconds(loadSeconds);
    double free = least;
    double tooMuch = 1;
    if (isFree(layout, arm.withRatio(1), loadSeconds, limit)) {
      return 1;
    }
    for (int step = 0; step < RATIO_STEPS; step++) {
      double ratio = (free + tooMuch) / 2;
      if (isFree(layout, arm.withRatio(ratio), loadSeconds, limit)) {
        free = ratio;
      } else {
        tooMuch = ratio;
      }
    }
    return free;
  }

  private boolean isFree(PromptLayout layout, Arm arm, double loadSeconds, double limit) {
    return computeModel.predict(work(layout, arm)).orElseThrow().seconds(loadSeconds) <= limit;
  }
}
