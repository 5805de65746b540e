package ai.cacheblend.orchestrator.load;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import ai.cacheblend.orchestrator.client.WorkerDescription;
import ai.cacheblend.orchestrator.dataset.QualityTask;
import ai.cacheblend.orchestrator.plan.Background;
import ai.cacheblend.orchestrator.plan.BlockOrder;
import ai.cacheblend.orchestrator.plan.LoadPlan;
import ai.cacheblend.orchestrator.plan.LoadPoint;
import ai.cacheblend.orchestrator.plan.LoadShape;
import ai.cacheblend.orchestrator.plan.LoadWorkload;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.records.LoadSlice;
import ai.cacheblend.orchestrator.run.Fleet;
import ai.cacheblend.orchestrator.run.RunClock;
import ai.cacheblend.orchestrator.run.TaskPrompts;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/**
 * Runs a load plan: level by level, the slices of all arms interleaved in random order, each behind
 * a reset and a warm-up.
 */
public final class LoadBenchmark {
  private static final double MEBIBYTE = 1 << 20;

  private final LoadPlan plan;
  private final Optional<QualityTask> data;
  private final Fleet fleet;
  private final RunClock clock;

  /**
   * A benchmark.
   *
   * @param data of a {@link LoadWorkload.Dataset}, otherwise empty
   */
  public LoadBenchmark(LoadPlan plan, Optional<QualityTask> data, Fleet fleet, RunClock clock) {
    if (data.isPresent() != plan.workload() instanceof LoadWorkload.Dataset) {
      throw new IllegalArgumentException("data is of a workload of a data set alone");
    }
    this.data = data;
    this.plan = plan;
    this.fleet = fleet;
    this.clock = clock;
  }

  /**
   * Refuses a plan whose requests the workers cannot answer.
   *
   * @throws ai.cacheblend.orchestrator.plan.PlanException names the limit
   */
  public void requireFit() {
    fleet.requireCheckLayers(plan.arms());
    plan.background().ifPresent(this::requireFit);
    plan.workload()
        .maxTokens(plan.maxNewTokens())
        .ifPresent(tokens -> requireFit(tokens + (fleet.bosTokenId().isPresent() ? 1 : 0)));
  }

  private void requireFit(long tokens) {
    require(
        tokens <= fleet.maxSequenceTokenCount(),
        "prompt and new tokens are "
            + tokens
            + ", the limit of the workers is "
            + fleet.maxSequenceTokenCount()
            + "; use fewer or shorter chunks");
  }

  /** What makes the result of a stream say little; empty if nothing does. */
  public Optional<String> note() {
    WorkerDescription worker = fleet.first().description();
    if (!(plan.workload() instanceof LoadWorkload.Pool pool)
        || !pool.drifts()
        || plan.arms().stream().noneMatch(arm -> arm.arm().readsChunks())) {
      return Optional.empty();
    }
    long poolBytes =
        (long) pool.poolChunks() * pool.chunkTokens() * worker.model().kvBytesPerToken();
    return poolBytes > worker.memory().chunkByteCount()
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "the pool's chunks take %.1f MiB and fit the chunk memory of %.1f MiB, so that few"
                    + " are evicted while they are used; use more --pool-chunks, or workers with a"
                    + " smaller --chunk-memory",
                poolBytes / MEBIBYTE,
                worker.memory().chunkByteCount() / MEBIBYTE));
  }

  private void requireFit(Background background) {
    fleet.requireCheckLayers(List.of(background.arm()));
    require(
        background.tokens() < fleet.maxSequenceTokenCount(),
        "background has "
            + background.tokens()
            + " tokens, the limit of the workers is "
            + fleet.maxSequenceTokenCount()
            + " with the new token; use fewer");
  }

  /**
   * Runs the slices that {@code earlier} does not hold; returns all.
   *
   * @param earlier slices of complete levels
   * @param session of the run, from 0
   */
  public List<LoadSlice> run(List<LoadSlice> earlier, int session, LoadListener listener) {
    requireFit();
    SliceRunner runner =
        new SliceRunner(
            plan,
            fleet,
            clock,
            new ThreadPace(clock.ticker()),
            prompts(),
            plan.background().map(this::backgroundPrompt),
            session);
    Levels levels = levels();
    List<LoadSlice> all = new ArrayList<>(earlier);
    for (int level = 0; level < plan.shape().levelCount(); level++) {
      int number = level;
      if (earlier.stream().noneMatch(slice -> slice.key().level() == number)) {
        all.addAll(level(level, levels.points(level, all), runner, listener));
      }
    }
    return all;
  }

  private Levels levels() {
    return plan.shape() instanceof LoadShape.Search
        ? new SearchLevels(plan, () -> LoneRequests.run(plan, data, fleet, clock))
        : (level, ended) -> arm -> plan.shape().points().get(level);
  }

  private List<LoadSlice> level(
      int level, Function<NamedArm, LoadPoint> points, SliceRunner runner, LoadListener listener) {
    BlockOrder orders = new BlockOrder(plan.arms(), plan.seed());
    List<LoadSlice> slices = new ArrayList<>();
    for (int slice = 0; slice < plan.slices(); slice++) {
      List<NamedArm> order = orders.of(level * plan.slices() + slice);
      for (NamedArm arm : order) {
        LoadSlice.Key key =
            new LoadSlice.Key(level, points.apply(arm), slice, arm.name(), order.indexOf(arm));
        LiveCounts counts = new LiveCounts();
        listener.began(key, counts);
        LoadSlice ended = runner.run(key, arm, counts);
        slices.add(ended);
        listener.ended(ended);
      }
    }
    return slices;
  }

  private LoadPrompt backgroundPrompt(Background background) {
    return BackgroundPrompt.of(
        background,
        TokenText.embedded(fleet.first().client(), background.tokens(), plan.seed() + 1),
        fleet.bosTokenId());
  }

  private PromptSource prompts() {
    if (plan.workload() instanceof LoadWorkload.Dataset dataset) {
      return new DatasetPrompts(
          TaskPrompts.of(data.orElseThrow(), plan.maxNewTokens(), dataset.chunkTokens(), fleet),
          plan.maxNewTokens());
    }
    if (plan.workload() instanceof LoadWorkload.Trace trace) {
      return new TracePrompts(
          trace, plan.maxNewTokens(), text(TracePrompts.textTokens(trace)), fleet.bosTokenId());
    }
    LoadWorkload.Pool pool = (LoadWorkload.Pool) plan.workload();
    int requests = plan.warmupRequests() + plan.extent().requests();
    return new PoolPrompts(
        pool,
        text(PoolPrompts.textTokens(pool, requests)),
        fleet.bosTokenId(),
        plan.maxNewTokens());
  }

  private TokenText text(long tokens) {
    return TokenText.embedded(fleet.first().client(), tokens, plan.seed());
  }
}
