package ai.cacheblend.orchestrator.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

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
import ai.cacheblend.orchestrator.records.LatencyStatistics;
import ai.cacheblend.orchestrator.records.LoadRequest;
import ai.cacheblend.orchestrator.records.LoadSlice;
import ai.cacheblend.orchestrator.records.LoadSummary;
import ai.cacheblend.orchestrator.records.MachineLoad;
import com.google.common.primitives.ImmutableIntArray;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Latencies of a simulated queue against queueing theory. Theory: L. Kleinrock, "Queueing Systems",
 * volume 1, sections 3.2 and 5.6.
 */
final class QueueTheoryIT {
  private static final double SERVICE = 0.010;
  private static final int REQUESTS = 200_000;
  private static final NamedArm ARM = new NamedArm("full_prefill", new Arm.FullPrefill());

  private final SimulatedPace pace = new SimulatedPace();

  @ParameterizedTest
  @ValueSource(doubles = {0.3, 0.5, 0.7, 0.8})
  void deterministicServiceHasTheWaitingTimeOfMd1(double utilization) {
    LoadSummary.Level level = open(utilization, () -> Math.round(SERVICE * 1e9), new Arrivals(1));

    double waiting = utilization * SERVICE / (2 * (1 - utilization));
    assertThat(ttft(level).mean() - SERVICE).isCloseTo(waiting, within(0.05 * waiting));
    assertThat(level.latencies().queue().orElseThrow().mean())
        .isCloseTo(ttft(level).mean() - SERVICE, within(1e-9));
    assertThat(level.throughput().requestsPerSecond())
        .isCloseTo(utilization / SERVICE, within(0.02 * utilization / SERVICE));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.3, 0.5, 0.7, 0.8})
  void exponentialServiceHasTheTimesAndPercentilesOfMm1(double utilization) {
    SplittableRandom random = new SplittableRandom(9);
    LoadSummary.Level level =
        open(
            utilization,
            () -> Math.round(-Math.log1p(-random.nextDouble()) * SERVICE * 1e9),
            new Arrivals(1));

    // The time in the system is exponential with this mean.
    double mean = SERVICE / (1 - utilization);
    assertThat(ttft(level).mean() - SERVICE).isCloseTo(mean - SERVICE, within(0.05 * mean));
    assertThat(ttft(level).percentile(50)).isCloseTo(mean * Math.log(2), within(0.05 * mean));
    assertThat(ttft(level).percentile(90)).isCloseTo(mean * Math.log(10), within(0.1 * mean));
    assertThat(ttft(level).percentile(99)).isCloseTo(mean * Math.log(100), within(0.25 * mean));
  }

  @Test
  void constantArrivalsBelowCapacityDoNotWait() {
    LoadSummary.Level level = open(0.9, () -> Math.round(SERVICE * 1e9), new Arrivals(0));

    assertThat(ttft(level).max()).isCloseTo(SERVICE, within(1e-9));
    assertThat(level.throughput().offeredRate()).isCloseTo(90, within(1e-3));
  }

  /** Pollaczek-Khinchine is for Poisson arrivals; more variable ones wait longer. */
  @Test
  void gapsOfHigherVariationWaitLonger() {
    double poisson = ttft(open(0.7, () -> Math.round(SERVICE * 1e9), new Arrivals(1))).mean();
    double bursty = ttft(open(0.7, () -> Math.round(SERVICE * 1e9), new Arrivals(2))).mean();

    assertThat(bursty - SERVICE).isGreaterThan(2 * (poisson - SERVICE));
  }

  /** An overloaded queue grows without bound; the schedule must not follow the answers. */
  @Test
  void overloadIsNotHidden() {
    LoadSlice slice =
        slice(
            new OpenSchedule(
                pace.nanos(),
                new ArrivalGaps(new Arrivals(0), 200, 1),
                0,
                LoadPlan.Extent.ofRequests(100)),
            server());

    LoadRequest last = slice.requests().get(99);
    // Request n is due at 5 n ms and answered at 5 + 10 n ms.
    assertThat(last.ttftSeconds()).isCloseTo(0.005 + 100 * SERVICE - 0.5, within(1e-6));
    assertThat(last.lagSeconds()).isZero();
  }

  /** A pause of the generator delays requests; their latency counts from the due time. */
  @Test
  void pauseOfTheGeneratorIsSendLagAndPartOfTheLatency() {
    long start = pace.nanos();
    pace.at(start + 12_000_000, () -> pace.stall(20_000_000));
    LoadSlice slice =
        slice(
            new OpenSchedule(start, () -> 15_000_000, 0, LoadPlan.Extent.ofRequests(3)), server());

    // Requests are due after 15, 30 and 45 ms; the generator is paused from 12 to 32 ms.
    assertThat(slice.requests())
        .extracting(LoadRequest::lagSeconds)
        .containsExactly(0.017, 0.002, 0.0);
    assertThat(slice.requests())
        .extracting(LoadRequest::ttftSeconds)
        .containsExactly(0.027, 0.022, 0.017);
  }

  @Test
  void aClosedLoopKeepsItsClientsBusy() {
    LoadSlice slice =
        slice(new ClosedSchedule(pace.nanos(), 4, 4, LoadPlan.Extent.ofRequests(400)), server());
    LoadSummary.Level level = summary(slice);

    assertThat(level.counts().requests()).isEqualTo(400);
    assertThat(level.throughput().requestsPerSecond()).isCloseTo(1 / SERVICE, within(0.5));
    // Little's law: four clients, a hundred answers per second.
    assertThat(ttft(level).mean()).isCloseTo(4 * SERVICE, within(1e-6));
  }

  private SimulatedServer server() {
    return new SimulatedServer("w", pace, () -> Math.round(SERVICE * 1e9));
  }

  private LoadSummary.Level open(double utilization, LongSupplier service, Arrivals arrivals) {
    return summary(
        slice(
            new OpenSchedule(
                pace.nanos(),
                new ArrivalGaps(arrivals, utilization / SERVICE, 4),
                1000,
                LoadPlan.Extent.ofRequests(REQUESTS)),
            new SimulatedServer("w", pace, service)));
  }

  private LoadSlice slice(Schedule schedule, SimulatedServer server) {
    LoadPrompt prompt =
        new LoadPrompt(
            List.of(new PromptSegment(ImmutableIntArray.of(1, 2), false)),
            ImmutableIntArray.of(),
            1);
    List<LoadRequest> requests =
        new Generator(
                pace,
                new Router(List.of(new Target(server))),
                schedule,
                () -> prompt,
                ARM.arm(),
                new LiveCounts(),
                new Waiting())
            .run();
    return new LoadSlice(
        new LoadSlice.Key(0, new LoadPoint(LoadPoint.Kind.RATE, 1), 0, ARM.name(), 0),
        0,
        Instant.EPOCH,
        schedule.window(),
        false,
        LoadSlice.Background.NONE,
        0,
        MachineLoad.UNKNOWN,
        StepCounts.NONE,
        Optional.empty(),
        requests);
  }

  private static LoadSummary.Level summary(LoadSlice slice) {
    LoadPlan plan =
        new LoadPlan(
            List.of(ARM),
            new LoadShape.Open(List.of(1.0), new Arrivals(1)),
            LoadPlan.Extent.ofRequests(REQUESTS),
            1,
            0,
            Optional.of(Slo.parse("ttft=50ms")),
            new LoadWorkload.Pool(1, new Popularity(1), 1, 1, 1, 0),
            Optional.empty(),
            false,
            1,
            0,
            List.of("w"));
    return LoadAnalysis.summary(plan, List.of(slice)).levels().get(0);
  }

  private static LatencyStatistics ttft(LoadSummary.Level level) {
    return level.latencies().ttft().orElseThrow();
  }
}
