package ai.cacheblend.orchestrator.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.cacheblend.orchestrator.plan.Slo;
import ai.cacheblend.orchestrator.records.LoadRequest;
import ai.cacheblend.orchestrator.records.LoadSlice;
import ai.cacheblend.orchestrator.records.LoadSummary;
import ai.cacheblend.orchestrator.testing.LoadSamples;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class LoadAnalysisTest {
  private final List<LoadSlice> slices = LoadSamples.slices(1, 1);
  private final LoadSummary summary = LoadAnalysis.summary(LoadSamples.plan(), slices);

  private LoadSummary.Level level(int index, String arm) {
    return summary.levels().stream()
        .filter(level -> level.level() == index && level.arm().equals(arm))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void failedRequestsStayInTheCountsAndOutOfTheLatencies() {
    LoadSummary.Level level = level(1, "full_prefill");

    assertThat(level.counts()).isEqualTo(new LoadSummary.Counts(120, 12, 12, 0));
    assertThat(level.latencies().ttft().orElseThrow().n()).isEqualTo(108);
    assertThat(level.latencies().itl().orElseThrow().n()).isEqualTo(216);
    assertThat(level.latencies().lag().n()).isEqualTo(120);
    assertThat(level.latencies().lag().mean()).isCloseTo(1e-4, within(1e-12));
  }

  @Test
  void theOfferedRateIsThatOfTheSchedule() {
    assertThat(level(0, "full_prefill").throughput().offeredRate()).isCloseTo(2, within(1e-9));
    assertThat(level(1, "full_kv_reuse").throughput().offeredRate()).isCloseTo(8, within(1e-9));
  }

  @Test
  void percentilesAreGuardedByTheNumberOfValues() {
    LoadSummary.Level level = level(0, "full_kv_reuse");

    assertThat(level.latencies().ttft().orElseThrow().percentiles()).containsOnlyKeys(50, 90, 95);
    assertThat(level.latencies().ttft().orElseThrow().percentiles().get(90).interval())
        .hasValueSatisfying(
            interval ->
                assertThat(interval.contains(level.latencies().ttft().get().percentile(90)))
                    .isTrue());
  }

  @Test
  void theObjectiveCountsFailedRequestsAsViolations() {
    // At rate 2 full prefill takes 200 ms, at rate 8 it takes 800 ms; the other arm a quarter.
    assertThat(level(0, "full_prefill").throughput().sloMet()).hasValue(true);
    assertThat(level(1, "full_prefill").throughput().sloMet()).hasValue(false);
    assertThat(level(1, "full_kv_reuse").throughput().sloMet()).hasValue(true);
    assertThat(level(1, "full_kv_reuse").throughput().goodShare()).hasValue(1.0);

    List<LoadRequest> refused =
        slices.stream()
            .flatMap(slice -> slice.requests().stream())
            .filter(request -> !request.ok())
            .toList();
    SloCheck generous = new SloCheck(Slo.parse("ttft:p50=1h,itl=1h"), 3);
    assertThat(refused).isNotEmpty().noneMatch(generous::good);
    assertThat(generous.count(Slo.parse("itl=1h").limits().get(0), refused.get(0)))
        .isEqualTo(new SloCheck.Count(0, 2));
  }

  @Test
  void tooFewRequestsDecideNoPercentile() {
    List<LoadRequest> few = slices.get(0).measured().subList(0, 28);

    assertThat(new SloCheck(Slo.parse("ttft=1h"), 3).met(few)).isEmpty();
    assertThat(new SloCheck(Slo.parse("ttft=1h"), 3).met(slices.get(0).measured().subList(0, 29)))
        .hasValue(true);
    // Of two limits, the one with enough values may decide.
    List<LoadRequest> slow = slices.get(4).measured();
    assertThat(new SloCheck(Slo.parse("ttft=500ms,itl=50ms"), 3).met(slow)).hasValue(false);
    assertThat(new SloCheck(Slo.parse("ttft=1h,itl=50ms"), 3).met(slices.get(0).measured()))
        .isEmpty();
  }

  @Test
  void hitRateOverTimeIncludesTheWarmUp() {
    LoadSummary.Level level = level(0, "full_kv_reuse");

    // Requests 0 to 9 miss both chunks, 10 to 19 one, later ones none; 5 are warm-up.
    assertThat(level.reuse().hitRate())
        .hasValueSatisfying(rate -> assertThat(rate).isCloseTo(1 - 20 / 120.0, within(1e-9)));
    assertThat(level.overTime().get(0).hitRate()).hasValue(0.0);
    assertThat(level.overTime().get(level.overTime().size() - 1).hitRate()).hasValue(1.0);
    assertThat(level.overTime().stream().mapToInt(LoadSummary.Bin::requests).sum())
        .isEqualTo(2 * 65);
    assertThat(level(0, "full_prefill").reuse().hitRate()).isEmpty();
  }

  /** 26 of the 64 rows of every prompt are reused. */
  @Test
  void theHitRateOfPrefixCachingIsTheShareOfReusedTokens() {
    List<LoadRequest> requests = slices.get(0).requests();

    assertThat(LoadAnalysis.hitRate(requests, true)).hasValue(26 / 64.0);
    assertThat(TimeBins.of(slices, true).get(0).hitRate()).hasValue(26 / 64.0);
    assertThat(LoadAnalysis.hitRate(List.of(), true)).isEmpty();
  }

  @Test
  void refusedRequestsAreNoHits() {
    LoadRequest answered = slices.get(1).requests().get(0);
    LoadRequest refused =
        new LoadRequest(
            1,
            answered.phase(),
            answered.workerName(),
            LoadRequest.Outcome.REFUSED,
            Optional.of("queue full"),
            answered.moments(),
            answered.promptTokens(),
            new LoadRequest.Reuse(2, 0, 0),
            Optional.empty(),
            Optional.empty());
    LiveCounts counts = new LiveCounts();
    List.of(answered, refused)
        .forEach(
            request -> {
              counts.sent();
              counts.ended(request);
            });

    assertThat(answered.reuse().misses()).isEqualTo(2);
    assertThat(LoadAnalysis.hitRate(List.of(answered, refused), false)).hasValue(0.0);
    assertThat(LoadAnalysis.hitRate(List.of(refused), false)).isEmpty();
    assertThat(counts.snapshot().chunks()).isEqualTo(2);
    assertThat(counts.snapshot().failed()).isEqualTo(1);
  }

  @Test
  void aSliceWithAProblemDoesNotCount() {
    LoadSlice first = slices.get(0);
    List<LoadSlice> one =
        List.of(
            new LoadSlice(
                first.key(),
                0,
                first.startedAt(),
                first.window(),
                false,
                LoadSlice.Background.NONE,
                0,
                first.machine(),
                first.steps(),
                Optional.of("foreign requests"),
                first.requests()),
            slices.get(2));
    LoadSummary of = LoadAnalysis.summary(LoadSamples.plan(), one);

    assertThat(of.invalidSlices()).isEqualTo(1);
    assertThat(of.levels()).singleElement().matches(level -> level.counts().requests() == 60);
  }

  @Test
  void onlyAnswersInsideTheWindowCountAsThroughput() {
    LoadSummary.Level level = level(0, "full_prefill");
    long inside =
        slices.stream()
            .filter(s -> s.key().level() == 0 && s.key().arm().equals("full_prefill"))
            .flatMap(
                s -> s.requests().stream().filter(r -> s.window().contains(r.moments().ended())))
            .count();

    assertThat(level.throughput().requestsPerSecond()).isCloseTo(inside / 60.0, within(1e-9));
  }
}
