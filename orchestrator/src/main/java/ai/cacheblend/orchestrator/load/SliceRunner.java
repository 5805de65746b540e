package ai.cacheblend.orchestrator.load;

import ai.cacheblend.host.HostReading;
import ai.cacheblend.orchestrator.client.StepCounts;
import ai.cacheblend.orchestrator.client.WorkerException;
import ai.cacheblend.orchestrator.plan.Arrivals;
import ai.cacheblend.orchestrator.plan.LoadPlan;
import ai.cacheblend.orchestrator.plan.LoadPoint;
import ai.cacheblend.orchestrator.plan.LoadShape;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.records.LoadRequest;
import ai.cacheblend.orchestrator.records.LoadSlice;
import ai.cacheblend.orchestrator.records.MachineLoad;
import ai.cacheblend.orchestrator.run.Fleet;
import ai.cacheblend.orchestrator.run.RunClock;
import ai.cacheblend.orchestrator.run.Worker;
import com.google.common.collect.Lists;
import com.google.common.hash.Hashing;
import com.google.common.primitives.ImmutableIntArray;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/** Runs slices: reset, chunks ahead if asked for, warm-up, measured requests. */
final class SliceRunner {
  /** Bounds the duration of one call. */
  private static final int CHUNKS_PER_COLLECT = 16;

  private final LoadPlan plan;
  private final Fleet fleet;
  private final RunClock clock;
  private final Pace pace;
  private final PromptSource prompts;
  private final Optional<LoadPrompt> backgroundPrompt;
  private final int session;

  SliceRunner(
      LoadPlan plan,
      Fleet fleet,
      RunClock clock,
      Pace pace,
      PromptSource prompts,
      Optional<LoadPrompt> backgroundPrompt,
      int session) {
    this.plan = plan;
    this.fleet = fleet;
    this.clock = clock;
    this.pace = pace;
    this.prompts = prompts;
    this.backgroundPrompt = backgroundPrompt;
    this.session = session;
  }

  LoadSlice run(LoadSlice.Key key, NamedArm arm, LiveCounts counts) {
    List<Target> targets =
        fleet.workers().stream().map(worker -> new Target(worker.client())).toList();
    long beforeNanos = clock.ticker().read();
    fleet.workers().forEach(worker -> worker.client().reset());
    boolean precollects = plan.precollect() && arm.arm().readsChunks();
    if (precollects) {
      precollect(targets);
    }
    long precollectNanos = precollects ? clock.ticker().read() - beforeNanos : 0;
    fleet.workers().forEach(worker -> worker.client().takeForeignRequestCount());
    StepCounts stepsBefore = steps();
    Instant startedAt = clock.wall().instant();
    HostReading before = clock.meter().read();
    long startNanos = pace.nanos();
    Waiting waiting = new Waiting();
    Schedule schedule = schedule(key, startNanos, waiting);
    List<BackgroundClient> background = background(targets);
    background.forEach(BackgroundClient::start);
    List<LoadRequest> requests =
        new Generator(
                pace,
                new Router(targets),
                schedule,
                prompts.prompts(seed(key, 0)),
                arm.arm(),
                counts,
                waiting)
            .run();
    background.forEach(BackgroundClient::stop);
    return new LoadSlice(
        key,
        session,
        startedAt,
        schedule.window(),
        schedule instanceof EarlyEnd end && end.endedEarly(),
        new LoadSlice.Background(
            background.stream().mapToInt(BackgroundClient::answered).sum(),
            background.stream().mapToDouble(BackgroundClient::seconds).sum()),
        precollectNanos,
        MachineLoad.between(before, clock.meter().read()),
        steps().since(stepsBefore),
        background.stream()
            .flatMap(client -> client.problem().stream())
            .findFirst()
            .or(() -> problem(targets)),
        requests);
  }

  private List<BackgroundClient> background(List<Target> targets) {
    return backgroundPrompt.stream()
        .flatMap(
            prompt ->
                targets.stream()
                    .map(
                        target ->
                            new BackgroundClient(
                                pace, target, plan.background().orElseThrow().arm().arm(), prompt)))
        .toList();
  }

  private Schedule schedule(LoadSlice.Key key, long startNanos, Waiting waiting) {
    LoadPoint point = key.point();
    int warmups = plan.warmupRequests(point);
    LoadPlan.Extent extent = plan.extent().slice(key.slice(), plan.slices());
    if (plan.shape() instanceof LoadShape.Open open) {
      return new OpenSchedule(startNanos, gaps(key, open.arrivals()), warmups, extent);
    }
    if (plan.shape() instanceof LoadShape.Trace trace) {
      return new OpenSchedule(
          startNanos, new TraceGaps(trace.file().requests(), trace.speed()), warmups, extent);
    }
    if (plan.shape() instanceof LoadShape.Search search) {
      return SearchSlice.schedule(
          plan, point.value(), startNanos, gaps(key, search.arrivals()), waiting);
    }
    return new ClosedSchedule(startNanos, (int) point.value(), warmups, extent);
  }

  private LongSupplier gaps(LoadSlice.Key key, Arrivals arrivals) {
    return new ArrivalGaps(arrivals, key.point().value(), seed(key, 1));
  }

  /** Equal for all arms, so that they get the same prompts at the same moments. */
  private long seed(LoadSlice.Key key, int stream) {
    return Hashing.murmur3_128()
        .newHasher()
        .putLong(plan.seed())
        .putInt(key.level())
        .putInt(key.slice())
        .putInt(stream)
        .hash()
        .asLong();
  }

  /** Every worker holds the whole pool, as far as its memory allows. */
  private void precollect(List<Target> targets) {
    List<ImmutableIntArray> pool = prompts.pool();
    for (int i = 0; i < targets.size(); i++) {
      Worker worker = fleet.workers().get(i);
      for (List<ImmutableIntArray> part : Lists.partition(pool, CHUNKS_PER_COLLECT)) {
        var unused = worker.client().collect(part);
      }
      for (int id = 0; id < pool.size(); id++) {
        targets.get(i).stored(id);
      }
    }
  }

  /** Of all workers; a worker that was lost has none. */
  private StepCounts steps() {
    StepCounts sum = StepCounts.NONE;
    for (Worker worker : fleet.workers()) {
      try {
        sum = sum.plus(worker.client().describe().steps());
      } catch (WorkerException e) {
        return StepCounts.NONE; // the slice has a problem already
      }
    }
    return sum;
  }

  private Optional<String> problem(List<Target> targets) {
    for (Target target : targets) {
      if (target.lost().isPresent()) {
        return Optional.of(target.lost().get());
      }
    }
    long foreign =
        fleet.workers().stream().mapToLong(w -> w.client().takeForeignRequestCount()).sum();
    return foreign == 0
        ? Optional.empty()
        : Optional.of("foreign requests on the workers during the slice: " + foreign);
  }
}
