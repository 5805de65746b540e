package ai.cacheblend.orchestrator.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.cacheblend.orchestrator.plan.Slo;
import ai.cacheblend.orchestrator.records.LoadCapacity;
import ai.cacheblend.orchestrator.records.LoadSlice;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Searches in virtual time, against the capacity of known queues. */
final class RateSearchTest {
  private static final double SERVICE = 0.010;
  private static final int ROUNDS = 12;

  private final SimulatedSearch search = new SimulatedSearch(Slo.parse("ttft=70ms"), 6);

  /** Without randomness the objective is met below the capacity and on no slice above it. */
  @Test
  void anAbruptLimitIsBetweenTheRatesThatWereTried() {
    SimulatedSearch constant = new SimulatedSearch(Slo.parse("ttft=15ms"), 6).constantArrivals();

    LoadCapacity found = constant.run(1, ROUNDS, seed -> () -> Math.round(SERVICE * 1e9));

    assertThat(found.low()).isLessThanOrEqualTo(101);
    assertThat(found.high()).isGreaterThanOrEqualTo(99);
    assertThat(found.estimate().orElseThrow().rate()).isCloseTo(100, within(6.0));
  }

  @Test
  void anOverloadedSliceEndsEarly() {
    LoadSlice overloaded = search.slice(400, 1, seed -> () -> Math.round(SERVICE * 1e9));
    LoadSlice fast = search.slice(40, 1, seed -> () -> Math.round(SERVICE * 1e9));

    assertThat(overloaded.endedEarly()).isTrue();
    assertThat(overloaded.window().seconds()).isLessThan(0.6 * 6);
    assertThat(
            search.tried(overloaded).counts().get(0).meets(Slo.parse("ttft=70ms").limits().get(0)))
        .isFalse();
    assertThat(fast.endedEarly()).isFalse();
    assertThat(fast.window().seconds()).isEqualTo(6);
  }

  @Test
  void aSearchThatFindsNoLimitGivesABound() {
    LoadCapacity all = new SimulatedSearch(Slo.parse("ttft=1h"), 6).run(1, 4, seed -> () -> 1000);
    LoadCapacity none =
        new SimulatedSearch(Slo.parse("ttft=5ms"), 6)
            .run(1, 4, seed -> () -> Math.round(SERVICE * 1e9));

    assertThat(all.estimate()).isEmpty();
    assertThat(all.low()).isGreaterThan(700);
    assertThat(all.high()).isInfinite();
    assertThat(none.estimate()).isEmpty();
    assertThat(none.low()).isZero();
    assertThat(none.high()).isLessThan(20);
  }

  /** A resumed search knows its slices, not their order. */
  @Test
  void theNextRateDependsOnTheSlicesAlone() {
    RateSearch rates = new RateSearch(Slo.parse("ttft=70ms"), 1);
    List<RateSearch.Tried> tried =
        List.of(
            tried(50, 0), tried(100, 60), tried(70, 5), tried(84, 14), tried(79, 9), tried(95, 40));
    List<RateSearch.Tried> reversed = new ArrayList<>(tried);
    Collections.reverse(reversed);

    assertThat(rates.next(tried, 1)).isEqualTo(rates.next(reversed, 1)).isBetween(70.0, 90.0);
    assertThat(rates.capacity("a", tried)).isEqualTo(rates.capacity("a", reversed));
  }

  @Test
  void ratesHaveFourDigits() {
    RateSearch rates = new RateSearch(Slo.parse("ttft=70ms"), 1);

    assertThat(rates.next(List.of(), 0.2)).hasToString("0.1984");
    assertThat(rates.next(List.of(), 60_000)).hasToString("58390.0");
  }

  @Test
  void theLowestOfSeveralLimitsCounts() {
    RateSearch rates = new RateSearch(Slo.parse("ttft=70ms,itl:p90=20ms"), 2);
    List<RateSearch.Tried> tried = new ArrayList<>();
    for (double rate : new double[] {40, 50, 60, 80, 90, 100, 110}) {
      tried.add(
          new RateSearch.Tried(
              rate,
              List.of(
                  new SloCheck.Count(rate < 95 ? 99 : 50, 100),
                  new SloCheck.Count(rate < 55 ? 99 : rate < 70 ? 50 : 0, 100))));
    }
    LoadCapacity found = rates.capacity("a", tried);

    assertThat(found.estimate().orElseThrow().rate()).isBetween(50.0, 60.0);
    assertThat(found.estimate().orElseThrow().limitedBy()).isEqualTo("itl:p90=20ms");
  }

  private static RateSearch.Tried tried(double rate, int exceeding) {
    return new RateSearch.Tried(rate, List.of(new SloCheck.Count(100 - exceeding, 100)));
  }
}
