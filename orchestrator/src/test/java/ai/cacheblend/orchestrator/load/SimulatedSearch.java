package ai.cacheblend.orchestrator.load;

import ai.cacheblend.orchestrator.client.PromptSegment;
import ai.cacheblend.orchestrator.client.StepCounts;
import ai.cacheblend.orchestrator.plan.Arm;
import ai.cacheblend.orchestrator.plan.Arrivals;
import ai.cacheblend.orchestrator.plan.LoadPlan;
import ai.cacheblend.orchestrator.plan.LoadPoint;
import ai.cacheblend.orchestrator.plan.LoadShape;
import ai.cacheblend.orchestrator.plan.LoadWorkload;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.Popularity;
import ai.cacheblend.orchestrator.plan.Slo;
import ai.cacheblend.orchestrator.records.LoadCapacity;
import ai.cacheblend.orchestrator.records.LoadRequest;
import ai.cacheblend.orchestrator.records.LoadSlice;
import ai.cacheblend.orchestrator.records.MachineLoad;
import com.google.common.primitives.ImmutableIntArray;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/** Searches of the highest rate of a queue with one server, in virtual time. */
final class SimulatedSearch {
  private static final NamedArm ARM = new NamedArm("full_prefill", new Arm.FullPrefill());

  /** Service times of a slice, in nanoseconds. */
  interface Service {
    LongSupplier times(long seed);
  }

  private final Slo slo;
  private final double seconds;
  private final Arrivals arrivals;
  private final RateSearch search;

  /**
   * @param seconds measured time of a slice
   */
  SimulatedSearch(Slo slo, double seconds) {
    this(slo, seconds, new Arrivals(1));
  }

  private SimulatedSearch(Slo slo, double seconds, Arrivals arrivals) {
    this.slo = slo;
    this.seconds = seconds;
    this.arrivals = arrivals;
    this.search = new RateSearch(slo, 1);
  }

  SimulatedSearch constantArrivals() {
    return new SimulatedSearch(slo, seconds, new Arrivals(0));
  }

  /** A search that begins at 90 requests per second. */
  LoadCapacity run(long seed, int rounds, Service service) {
    List<RateSearch.Tried> tried = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      double rate = search.next(tried, 90);
      tried.add(tried(slice(rate, seed * 1000 + round, service)));
    }
    return search.capacity(ARM.name(), tried);
  }

  RateSearch.Tried tried(LoadSlice slice) {
    return search.tried(List.of(slice)).get(0);
  }

  LoadSlice slice(double rate, long seed, Service service) {
    SimulatedPace pace = new SimulatedPace();
    Waiting waiting = new Waiting();
    EarlyEnd schedule =
        SearchSlice.schedule(
            plan(), rate, pace.nanos(), new ArrivalGaps(arrivals, rate, seed), waiting);
    LoadPrompt prompt =
        new LoadPrompt(
            List.of(new PromptSegment(ImmutableIntArray.of(1, 2), false)),
            ImmutableIntArray.of(),
            1);
    Generator generator =
        new Generator(
            pace,
            new Router(List.of(new Target(new SimulatedServer("w", pace, service.times(~seed))))),
            schedule,
            () -> prompt,
            ARM.arm(),
            new LiveCounts(),
            waiting);
    List<LoadRequest> requests = generator.run();
    return new LoadSlice(
        new LoadSlice.Key(0, new LoadPoint(LoadPoint.Kind.RATE, rate), 0, ARM.name(), 0),
        0,
        Instant.EPOCH,
        schedule.window(),
        schedule.endedEarly(),
        LoadSlice.Background.NONE,
        0,
        MachineLoad.UNKNOWN,
        StepCounts.NONE,
        Optional.empty(),
        requests);
  }

  private LoadPlan plan() {
    return new LoadPlan(
        List.of(ARM),
        new LoadShape.Search(4, arrivals),
        LoadPlan.Extent.ofSeconds(seconds),
        1,
        10,
        Optional.of(slo),
        new LoadWorkload.Pool(1, new Popularity(1), 1, 1, 1, 0),
        Optional.empty(),
        false,
        1,
        0,
        List.of("w"));
  }
}
