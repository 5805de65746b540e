package ai.cacheblend.orchestrator.load;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import ai.cacheblend.orchestrator.plan.BlockOrder;
import ai.cacheblend.orchestrator.plan.LoadPlan;
import ai.cacheblend.orchestrator.plan.LoadPoint;
import ai.cacheblend.orchestrator.plan.LoadWorkload;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.records.LoadSlice;
import ai.cacheblend.orchestrator.run.Fleet;
import ai.cacheblend.orchestrator.run.RunClock;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs a load plan: level by level, the slices of all arms interleaved in random order, each behind
 * a reset and a warm-up.
 */
public final class LoadBenchmark {
  private final LoadPlan plan;
  private final Fleet fleet;
  private final RunClock clock;

  public LoadBenchmark(LoadPlan plan, Fleet fleet, RunClock clock) {
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
    if (plan.workload() instanceof LoadWorkload.Pool pool) {
      long tokens =
          (fleet.bosTokenId().isPresent() ? 1 : 0)
              + (long) pool.chunks() * pool.chunkTokens()
              + pool.suffixTokens()
              + plan.maxNewTokens();
      require(
          tokens <= fleet.maxSequenceTokenCount(),
          "prompt and new tokens are "
              + tokens
              + ", the limit of the workers is "
              + fleet.maxSequenceTokenCount()
              + "; use fewer or shorter chunks");
    }
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
        new SliceRunner(plan, fleet, clock, new ThreadPace(clock.ticker()), prompts(), session);
    List<LoadSlice> all = new ArrayList<>();
    List<LoadPoint> points = plan.shape().points();
    for (int level = 0; level < points.size(); level++) {
      int number = level;
      List<LoadSlice> known = earlier.stream().filter(s -> s.key().level() == number).toList();
      all.addAll(known.isEmpty() ? level(level, points.get(level), runner, listener) : known);
    }
    return all;
  }

  private List<LoadSlice> level(
      int level, LoadPoint point, SliceRunner runner, LoadListener listener) {
    BlockOrder orders = new BlockOrder(plan.arms(), plan.seed());
    List<LoadSlice> slices = new ArrayList<>();
    for (int slice = 0; slice < plan.slices(); slice++) {
      List<NamedArm> order = orders.of(level * plan.slices() + slice);
      for (NamedArm arm : order) {
        LoadSlice.Key key = new LoadSlice.Key(level, point, slice, arm.name(), order.indexOf(arm));
        LiveCounts counts = new LiveCounts();
        listener.began(key, counts);
        LoadSlice ended = runner.run(key, arm, counts);
        slices.add(ended);
        listener.ended(ended);
      }
    }
    return slices;
  }

  private PromptSource prompts() {
    LoadWorkload.Pool pool = (LoadWorkload.Pool) plan.workload();
    return new PoolPrompts(
        pool,
        TokenText.embedded(fleet.first().client(), PoolPrompts.textTokens(pool), plan.seed()),
        fleet.bosTokenId(),
        plan.maxNewTokens());
  }
}
