package ai.cacheblend.worker.forecast;

import static java.util.Comparator.comparing;
import static java.util.Comparator.comparingInt;

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
import java.util.OptionalLong;
import java.util.Set;

/**
 * Predicts the TTFT of prompts whose chunks are loaded while they are computed, and decides what to
 * load and how much to recompute. Used by the scheduler thread.
 */
public final class LoadController {
  /** A TTFT that is longer by this factor, with cautiously predicted compute, is free. */
  private static final double FREE = 1.02;

  /** Raised ratios are multiples of 1/20, so that prompts of one length share their row counts. */
  private static final int RATIO_STEPS = 20;

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

    private ChunkLocation loaded() {
      return location.orElseThrow();
    }

    private TierKind tier() {
      return loaded().tier();
    }
  }

  private final RowPlanner planner;
  private final LoadModel loadModel;
  private final ComputeForecast compute = new ComputeForecast();

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
      compute.observe(work, nanos / 1e9);
    }
  }

  /** The predicted time of a load by the rates so far. */
  public double loadSeconds(Collection<ChunkLocation> loads, OptionalLong bytesPerSecond) {
    return loadModel.seconds(loads, bytesPerSecond);
  }

  /**
   * Empty while too little was measured.
   *
   * @param loadSeconds of the chunks that the prefill waits for
   */
  public Optional<Prediction> predict(List<LayerWork> work, double loadSeconds) {
    return compute
        .predict(work)
        .map(layers -> new Prediction(nanos(layers.seconds(loadSeconds)), nanos(loadSeconds)));
  }

  private static long nanos(double seconds) {
    return Math.round(seconds * 1e9);
  }

  /**
   * The chunks whose rows are computed instead of loaded, so that the predicted TTFT is shortest.
   * All are loaded unless another choice is faster by more than the error of earlier predictions.
   * Of chunks in the same tier, those at the end are loaded first: rows at the beginning attend to
   * fewer keys.
   *
   * @param arm one that reads chunks
   * @param chunks in the order of the prompt
   */
  public Set<ChunkKey> recomputed(
      PromptLayout layout, Arm arm, List<Chunk> chunks, OptionalLong bytesPerSecond) {
    List<Chunk> order = byPreference(chunks);
    if (order.isEmpty() || !compute.comparable()) {
      return Set.of();
    }
    int loaded = loadedCount(layout, arm, chunks, order, bytesPerSecond);
    Set<ChunkKey> recomputed = keys(order.subList(loaded, order.size()));
    keepMeasuring(order, recomputed);
    return recomputed;
  }

  private static List<Chunk> byPreference(List<Chunk> chunks) {
    return chunks.stream()
        .filter(Chunk::loads)
        .sorted(
            comparing(Chunk::tier)
                .thenComparing(comparingInt((Chunk chunk) -> chunk.span().from()).reversed()))
        .toList();
  }

  private static Set<ChunkKey> keys(List<Chunk> chunks) {
    Set<ChunkKey> keys = new HashSet<>();
    chunks.forEach(chunk -> keys.add(chunk.key()));
    return keys;
  }

  private int loadedCount(
      PromptLayout layout,
      Arm arm,
      List<Chunk> chunks,
      List<Chunk> order,
      OptionalLong bytesPerSecond) {
    List<ChunkLocation> locations = order.stream().map(Chunk::loaded).toList();
    double[] loadSeconds = loadModel.secondsOfFirst(locations, bytesPerSecond);
    int all = order.size();
    ComputeForecast.Ttft loadAll = compute.compared(work(layout, arm), 1, loadSeconds[all]);
    double shortest = loadAll.seconds();
    double shortestLater = loadAll.laterSeconds();
    int best = all;
    int bestLater = all;
    for (int count = all - 1; count >= 0; count--) {
      if (loadSeconds[count] >= shortest) { // shortestLater is at most that
        continue; // the load alone takes longer
      }
      List<LayerWork> work = workLoading(layout, arm, chunks, order.subList(0, count));
      ComputeForecast.Ttft ttft = compute.compared(work, 1, loadSeconds[count]);
      if (ttft.seconds() < shortest) {
        best = count;
        shortest = ttft.seconds();
      }
      if (ttft.laterSeconds() < shortestLater) {
        bestLater = count;
        shortestLater = ttft.laterSeconds();
      }
    }
    double cautious = 1 + compute.error();
    List<LayerWork> work = workLoading(layout, arm, chunks, order.subList(0, best));
    boolean faster =
        compute.compared(work, cautious, loadSeconds[best]).seconds() < loadAll.seconds();
    if (bestLater != best) {
      List<LayerWork> later = workLoading(layout, arm, chunks, order.subList(0, bestLater));
      if (compute.compared(later, cautious, loadSeconds[bestLater]).laterSeconds()
          < loadAll.laterSeconds()) {
        compute.addMissed(later);
      }
    }
    return faster ? best : all;
  }

  /** The work if these chunks are loaded, and others that could be are not. */
  private List<LayerWork> workLoading(
      PromptLayout layout, Arm arm, List<Chunk> chunks, List<Chunk> loaded) {
    Set<ChunkKey> loadedKeys = keys(loaded);
    List<Span> cached = new ArrayList<>();
    for (Chunk chunk : chunks) {
      if (!chunk.loads() || loadedKeys.contains(chunk.key())) {
        cached.add(chunk.span());
      }
    }
    return work(new PromptLayout(layout.tokenCount(), cached), arm);
  }

  private List<LayerWork> work(PromptLayout layout, Arm arm) {
    return planner.layerWork(layout, planner.plan(layout, arm));
  }

  private void keepMeasuring(List<Chunk> order, Set<ChunkKey> recomputed) {
    Map<TierKind, ChunkKey> first = new LinkedHashMap<>();
    Set<TierKind> loaded = new HashSet<>();
    for (Chunk chunk : order) {
      first.putIfAbsent(chunk.tier(), chunk.key());
      if (!recomputed.contains(chunk.key())) {
        loaded.add(chunk.tier());
      }
    }
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
   * The largest ratio, from that of the arm to 1, whose rows are computed while the chunks are
   * loaded: even if they take longer than predicted by the error of earlier predictions, the TTFT
   * hardly grows.
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
    if (loadSeconds == 0 || !compute.comparable()) {
      return least;
    }
    double cautious = 1 + compute.error();
    ComputeForecast.Ttft base = compute.compared(work(layout, arm), 1, loadSeconds);
    List<LayerWork> missed = null;
    double free = least;
    for (int step = RATIO_STEPS; free == least && step > least * RATIO_STEPS; step--) {
      double ratio = (double) step / RATIO_STEPS;
      List<LayerWork> work = work(layout, arm.withRatio(ratio));
      ComputeForecast.Ttft ttft = compute.compared(work, cautious, loadSeconds);
      if (ttft.seconds() <= FREE * base.seconds()) {
        free = ratio;
      } else if (missed == null && ttft.laterSeconds() <= FREE * base.laterSeconds()) {
        missed = work;
      }
    }
    if (missed != null) {
      compute.addMissed(missed);
    }
    return free;
  }
}
