package ai.cacheblend.orchestrator.cli;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import ai.cacheblend.orchestrator.dataset.QualityTask;
import ai.cacheblend.orchestrator.plan.Arrivals;
import ai.cacheblend.orchestrator.plan.Background;
import ai.cacheblend.orchestrator.plan.Defaults;
import ai.cacheblend.orchestrator.plan.LoadPlan;
import ai.cacheblend.orchestrator.plan.LoadShape;
import ai.cacheblend.orchestrator.plan.LoadWorkload;
import ai.cacheblend.orchestrator.plan.Slo;
import ai.cacheblend.orchestrator.plan.TimeText;
import ai.cacheblend.orchestrator.plan.TraceFile;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a load run does. */
final class LoadOptions {
  @Option(
      names = "--rate",
      paramLabel = "R,...|auto",
      description =
          "Open loop: requests per second, one level for each number. LOW..HIGH/COUNT is a ramp of"
              + " equal ratios. auto searches the highest rate at which each arm meets --slo.")
  private String rate;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description =
          "Rounds of --rate auto. Each runs one slice of every arm (default: "
              + Defaults.SEARCH_ROUNDS
              + ").")
  private Integer rounds;

  @Option(
      names = "--concurrency",
      paramLabel = "N,...",
      split = ",",
      hideParamSyntax = true,
      description =
          "Closed loop: clients that send a request when their last one has ended, one level for"
              + " each number.")
  private List<Integer> concurrency;

  @Option(
      names = "--trace",
      paramLabel = "FILE",
      description =
          "Open loop: the requests of a trace in the format of Mooncake, at their times. Each hash"
              + " id is a chunk of --chunk-tokens.")
  private String trace;

  @Option(
      names = "--trace-speed",
      paramLabel = "FACTOR",
      description = "Replays the trace so many times faster (default: 1).")
  private Double traceSpeed;

  @Option(
      names = "--arrivals",
      paramLabel = "poisson|constant|gamma:CV",
      description =
          "Gaps between the requests of an open loop; CV is their coefficient of variation"
              + " (default: "
              + Defaults.ARRIVALS
              + ").")
  private String arrivals;

  @Option(
      names = "--duration",
      paramLabel = "TIME",
      description =
          "Measured time of each level and arm, such as 90s or 5m (default: "
              + Defaults.LOAD_DURATION
              + "; of each round with --rate auto: "
              + Defaults.SEARCH_DURATION
              + ").")
  private String duration;

  @Option(
      names = "--requests",
      paramLabel = "N",
      description = "Measured requests of each level and arm, instead of a duration.")
  private Integer requests;

  @Option(
      names = "--slices",
      paramLabel = "N",
      description =
          "Parts of each level and arm. The slices of the arms are interleaved, and each begins"
              + " with an empty chunk store (default: "
              + Defaults.LOAD_SLICES
              + ").")
  private Integer slices;

  @Option(
      names = "--warmup",
      paramLabel = "N",
      description =
          "Unmeasured requests at the start of each slice; in a closed loop at least one per client"
              + " (default: "
              + Defaults.LOAD_WARM_UP
              + "; of a trace its first requests, 0).")
  private Integer warmup;

  @Option(
      names = "--slo",
      paramLabel = "METRIC=TIME,...",
      description =
          "Objective, such as ttft=500ms,itl=50ms. METRIC is ttft, itl, tpot or e2e; METRIC:pN sets"
              + " the percentile (default: 90, of itl 99).")
  private String slo;

  @Mixin private WorkloadOptions workload;

  @Option(
      names = "--novel",
      paramLabel = "N",
      description =
          "A stream of N requests over a drifting pool, in place of slices: with each request a new"
              + " chunk enters the pool as the most popular one, and the oldest leaves. Shows"
              + " whether hit rate and speed-up hold. Choose a pool larger than the worker's"
              + " --chunk-memory.")
  private Integer novel;

  @Option(
      names = "--precollect",
      description =
          "Store all chunks of the pool before each slice. Otherwise a chunk is collected by the"
              + " first request that needs it, and the time counts.")
  private boolean precollect;

  @Option(
      names = "--background",
      paramLabel = "ARM:TOKENS",
      description =
          "Beside the measured requests, one client per worker sends a prompt of so many tokens"
              + " again and again, for one token each.")
  private String background;

  @Mixin private ArmOptions arms;

  @Option(
      names = "--max-new-tokens",
      paramLabel = "N",
      description =
          "Tokens of each answer (default: "
              + Defaults.LOAD_MAX_NEW_TOKENS
              + "). Of a trace the most tokens (default: no limit).")
  private Integer maxNewTokens;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "" + Defaults.SEED,
      description = "Seed of prompts, arrivals and the order of arms (default: ${DEFAULT-VALUE}).")
  private long seed;

  PlannedLoad plan(List<String> workers, Console console) {
    requireOneLoad();
    if (trace != null) {
      workload.requireTrace();
      return new PlannedLoad(tracePlan(TraceFile.read(trace), workers), Optional.empty());
    }
    require(traceSpeed == null, "--trace-speed is of --trace; leave it out");
    if (!workload.hasDataset()) {
      return new PlannedLoad(plan(workload.pool(novel != null), workers), Optional.empty());
    }
    require(novel == null, "--novel is of a pool of chunks; leave it out with --dataset");
    QualityTask data = workload.data(seed, console);
    return new PlannedLoad(plan(workload.of(data), workers), Optional.of(data));
  }

  private LoadPlan plan(LoadWorkload of, List<String> workers) {
    return new LoadPlan(
        arms.arms(seed),
        shape(),
        extent(),
        slices(),
        warmup == null ? Defaults.LOAD_WARM_UP : warmup,
        Optional.ofNullable(slo).map(Slo::parse),
        of,
        Optional.ofNullable(background).map(text -> Background.parse(text, seed)),
        precollect,
        maxNewTokens == null ? Defaults.LOAD_MAX_NEW_TOKENS : maxNewTokens,
        seed,
        workers);
  }

  private void requireOneLoad() {
    require(
        Stream.of(rate, concurrency, trace).filter(Objects::nonNull).count() == 1,
        "give exactly one of --rate, --concurrency and --trace");
  }

  private LoadPlan tracePlan(TraceFile file, List<String> workers) {
    require(
        arrivals == null && duration == null && requests == null && slices == null && novel == null,
        "--arrivals, --duration, --requests, --slices and --novel do not apply to --trace; leave"
            + " them out");
    require(rounds == null, "--rounds is of --rate auto; leave it out");
    int warmups = warmup == null ? 0 : warmup;
    int count = file.requests().size();
    require(
        warmups < count,
        "warmup is " + warmups + "; the trace has " + count + " requests, use fewer");
    return new LoadPlan(
        arms.arms(seed),
        new LoadShape.Trace(file, traceSpeed == null ? 1 : traceSpeed),
        LoadPlan.Extent.ofRequests(count - warmups),
        1,
        warmups,
        Optional.ofNullable(slo).map(Slo::parse),
        workload.trace(file),
        Optional.ofNullable(background).map(text -> Background.parse(text, seed)),
        precollect,
        maxNewTokens == null ? file.maxOutputTokens() : maxNewTokens,
        seed,
        workers);
  }

  private LoadShape shape() {
    if (concurrency != null) {
      require(arrivals == null, "--arrivals is of an open loop; leave it out with --concurrency");
      return new LoadShape.Closed(concurrency);
    }
    Arrivals of = Arrivals.parse(arrivals == null ? Defaults.ARRIVALS : arrivals);
    return searches()
        ? new LoadShape.Search(rounds == null ? Defaults.SEARCH_ROUNDS : rounds, of)
        : new LoadShape.Open(LoadShape.parseRates(rate), of);
  }

  private boolean searches() {
    return LoadShape.SEARCH.equals(rate);
  }

  private int slices() {
    require(
        !searches() || slices == null,
        "--slices does not apply to --rate auto; set --rounds instead");
    require(novel == null || slices == null, "--novel is one slice; leave out --slices");
    require(searches() || rounds == null, "--rounds is of --rate auto; leave it out");
    return searches() || novel != null ? 1 : slices == null ? Defaults.LOAD_SLICES : slices;
  }

  private LoadPlan.Extent extent() {
    if (novel != null) {
      require(
          duration == null && requests == null,
          "--novel sets the number of requests; leave out --duration and --requests");
      require(novel >= 1, "novel is " + novel + "; use 1 or more");
      return LoadPlan.Extent.ofRequests(novel);
    }
    if (requests != null) {
      require(duration == null, "--duration and --requests exclude each other; give one of them");
      require(requests >= 1, "requests is " + requests + "; use 1 or more");
      return LoadPlan.Extent.ofRequests(requests);
    }
    String byDefault = searches() ? Defaults.SEARCH_DURATION : Defaults.LOAD_DURATION;
    String time = duration == null ? byDefault : duration;
    double seconds = TimeText.parse("duration", time).toNanos() / 1e9;
    require(seconds > 0, "duration is " + time + "; use more than 0");
    return LoadPlan.Extent.ofSeconds(seconds);
  }
}
