package ai.cacheblend.orchestrator.testing;

import ai.cacheblend.orchestrator.client.GenerateResult.WorkerDurations;
import ai.cacheblend.orchestrator.client.StepCounts;
import ai.cacheblend.orchestrator.load.LoadAnalysis;
import ai.cacheblend.orchestrator.plan.Arm;
import ai.cacheblend.orchestrator.plan.Arrivals;
import ai.cacheblend.orchestrator.plan.LoadPlan;
import ai.cacheblend.orchestrator.plan.LoadPoint;
import ai.cacheblend.orchestrator.plan.LoadShape;
import ai.cacheblend.orchestrator.plan.LoadWorkload;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.Popularity;
import ai.cacheblend.orchestrator.plan.RowCounts;
import ai.cacheblend.orchestrator.plan.RowLayers;
import ai.cacheblend.orchestrator.plan.Slo;
import ai.cacheblend.orchestrator.records.LoadFolder;
import ai.cacheblend.orchestrator.records.LoadRequest;
import ai.cacheblend.orchestrator.records.LoadSlice;
import ai.cacheblend.orchestrator.records.MachineLoad;
import ai.cacheblend.orchestrator.records.Phase;
import com.google.common.primitives.ImmutableLongArray;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Load runs of made-up requests. */
public final class LoadSamples {
  public static final NamedArm FULL = new NamedArm("full_prefill", new Arm.FullPrefill());
  public static final NamedArm REUSE = new NamedArm("full_kv_reuse", new Arm.FullKvReuse());
  private static final RowCounts ROWS = new RowCounts(64, 26, 5, 33, new RowLayers(0, 0));
  private static final StepCounts STEPS =
      new StepCounts(
          3,
          530,
          6,
          ImmutableLongArray.of(1, 2),
          ImmutableLongArray.of(1, 0, 0, 0, 1, 0, 0, 0, 0, 1));
  private static final long MILLI = 1_000_000;
  private static final long SECOND = 1_000_000_000;
  private static final int REQUESTS = 60;
  private static final double[] SEARCH_RATES = {
    2, 4, 3.364, 5, 3.775, 4.238, 2.997, 3.564, 2.67, 4.49
  };

  private LoadSamples() {}

  /** Two arms, two rates, two slices. */
  public static LoadPlan plan() {
    return new LoadPlan(
        List.of(FULL, REUSE),
        new LoadShape.Open(List.of(2.0, 8.0), new Arrivals(1)),
        LoadPlan.Extent.ofRequests(2 * REQUESTS),
        2,
        5,
        Optional.of(Slo.parse("ttft=500ms,itl:p95=50ms")),
        new LoadWorkload.Pool(40, new Popularity(1), 2, 16, 4, 0),
        Optional.empty(),
        false,
        3,
        7,
        List.of("gpu1:50051"));
  }

  /**
   * All slices of {@link #plan}. Full prefill takes 100 ms times the rate on average, the other arm
   * a quarter. Every tenth request of full prefill at the higher rate is refused.
   *
   * @param seed of the noise
   * @param slowdown all times are so many times longer
   */
  public static List<LoadSlice> slices(long seed, double slowdown) {
    Random random = new Random(seed);
    List<LoadSlice> slices = new ArrayList<>();
    List<LoadPoint> points = plan().shape().points();
    for (int level = 0; level < points.size(); level++) {
      for (int slice = 0; slice < 2; slice++) {
        for (NamedArm arm : plan().arms()) {
          slices.add(slice(level, points.get(level), slice, arm, slowdown, random));
        }
      }
    }
    return slices;
  }

  /** A search of the highest rate; the arms of {@link #plan}. */
  public static LoadPlan searchPlan() {
    LoadPlan plan = plan();
    return new LoadPlan(
        plan.arms(),
        new LoadShape.Search(SEARCH_RATES.length, new Arrivals(1)),
        LoadPlan.Extent.ofRequests(REQUESTS),
        1,
        5,
        plan.slo(),
        plan.workload(),
        plan.background(),
        plan.precollect(),
        plan.maxNewTokens(),
        plan.seed(),
        plan.workers());
  }

  /**
   * All slices of {@link #searchPlan}: TTFT as in {@link #slices}, so that p90 is 500 ms at 3.9
   * requests per second for full prefill and at 15.5 for the other arm.
   */
  public static List<LoadSlice> searchSlices(long seed, double slowdown) {
    Random random = new Random(seed);
    List<LoadSlice> slices = new ArrayList<>();
    for (int round = 0; round < SEARCH_RATES.length; round++) {
      for (NamedArm arm : plan().arms()) {
        double rate = SEARCH_RATES[round] * (arm.equals(FULL) ? 1 : 4);
        LoadPoint point = new LoadPoint(LoadPoint.Kind.RATE, rate);
        slices.add(slice(round, point, 0, arm, slowdown, random));
      }
    }
    return slices;
  }

  private static LoadSlice slice(
      int level, LoadPoint point, int slice, NamedArm arm, double slowdown, Random random) {
    List<LoadRequest> requests = new ArrayList<>();
    long gap = Math.round(SECOND / point.value());
    for (int i = 0; i < 5 + REQUESTS; i++) {
      double millis =
          100
              * point.value()
              * (arm.equals(FULL) ? 1 : 0.25)
              * slowdown
              * Math.exp(0.2 * random.nextGaussian());
      boolean refused = arm.equals(FULL) && point.value() == 8 && i % 10 == 9;
      requests.add(request(i, (i + 1) * gap, Math.round(millis * MILLI), arm, refused));
    }
    return new LoadSlice(
        new LoadSlice.Key(level, point, slice, arm.name(), plan().arms().indexOf(arm)),
        0,
        Instant.parse("2026-01-02T03:04:05Z"),
        new LoadSlice.Window(5 * gap, (5 + REQUESTS) * gap),
        false,
        LoadSlice.Background.NONE,
        0,
        MachineLoad.UNKNOWN,
        STEPS,
        Optional.empty(),
        requests);
  }

  private static LoadRequest request(
      int index, long due, long ttft, NamedArm arm, boolean refused) {
    long first = due + ttft;
    int misses = arm.equals(FULL) ? 0 : Math.max(0, 2 - index / 10);
    return new LoadRequest(
        index,
        index < 5 ? Phase.WARMUP : Phase.MEASURED,
        "gpu1:50051",
        refused ? LoadRequest.Outcome.REFUSED : LoadRequest.Outcome.OK,
        refused ? Optional.of("worker gpu1:50051: RESOURCE_EXHAUSTED: full") : Optional.empty(),
        new LoadRequest.Moments(
            due,
            due + MILLI / 10,
            due + MILLI / 5,
            refused
                ? ImmutableLongArray.of()
                : ImmutableLongArray.of(first, first + 10 * MILLI, first + 20 * MILLI),
            refused ? due + MILLI : first + 21 * MILLI),
        64,
        arm.equals(FULL) ? LoadRequest.Reuse.NONE : new LoadRequest.Reuse(2, misses, 0),
        refused ? Optional.empty() : Optional.of(ROWS),
        refused
            ? Optional.empty()
            : Optional.of(new WorkerDurations(1000, 2, 1, ttft / 2, 10, ttft / 2, 20 * MILLI)));
  }

  /** A stream of 60 requests over a drifting pool. */
  public static LoadPlan streamPlan() {
    LoadPlan plan = plan();
    return new LoadPlan(
        plan.arms(),
        new LoadShape.Open(List.of(2.0), new Arrivals(1)),
        LoadPlan.Extent.ofRequests(REQUESTS),
        1,
        5,
        plan.slo(),
        new LoadWorkload.Pool(40, new Popularity(1), 2, 16, 4, 1),
        plan.background(),
        false,
        3,
        7,
        plan.workers());
  }

  /** All slices of {@link #streamPlan}: two of {@link #slices}. */
  public static List<LoadSlice> streamSlices() {
    return slices(1, 1).subList(0, 2);
  }

  /** Writes a stream. */
  public static void writeStream(Path folder) {
    try (LoadFolder files = LoadFolder.open(folder, streamPlan(), Samples.environment(), false)) {
      streamSlices().forEach(files::write);
      files.result(
          streamPlan(), Samples.environment(), LoadAnalysis.summary(streamPlan(), streamSlices()));
    }
  }

  /** Writes a run. */
  public static void write(Path folder, long seed, double slowdown) {
    write(folder, plan(), slices(seed, slowdown));
  }

  /** Writes a search. */
  public static void writeSearch(Path folder, long seed, double slowdown) {
    write(folder, searchPlan(), searchSlices(seed, slowdown));
  }

  private static void write(Path folder, LoadPlan plan, List<LoadSlice> slices) {
    try (LoadFolder files = LoadFolder.open(folder, plan, Samples.environment(), false)) {
      slices.forEach(files::write);
      files.result(plan, Samples.environment(), LoadAnalysis.summary(plan, slices));
    }
  }
}
