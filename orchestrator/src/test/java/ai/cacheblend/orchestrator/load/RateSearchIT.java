package ai.cacheblend.orchestrator.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.cacheblend.orchestrator.plan.Slo;
import ai.cacheblend.orchestrator.records.LoadCapacity;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Simulated searches for the capacity of queues whose capacity is known. */
final class RateSearchIT {
  private static final double SERVICE = 0.010;
  private static final int ROUNDS = 12;
  private static final int SEARCHES = 40;

  private final SimulatedSearch search = new SimulatedSearch(Slo.parse("ttft=70ms"), 6);

  @Test
  void theCapacityOfMd1IsFound() {
    // P(W <= t) of M/D/1, A. K. Erlang 1909, is 0.9 at t = 6 services for a utilization of 0.8292.
    double capacity = 82.92;
    assertThat(QueueCapacity.md1(SERVICE, 0.070, 0.9)).isCloseTo(capacity, within(0.02));

    assertFinds(capacity, seed -> () -> Math.round(SERVICE * 1e9));
  }

  @Test
  void theCapacityOfMm1IsFound() {
    // The time in the system is exponential: P(T > t) = exp(-(1 - u) t / s).
    double capacity = (1 - Math.log(10) * SERVICE / 0.070) / SERVICE;
    assertThat(QueueCapacity.mm1(SERVICE, 0.070, 0.9)).isCloseTo(capacity, within(1e-9));

    assertFinds(
        capacity,
        seed -> {
          SplittableRandom random = new SplittableRandom(seed);
          return () -> Math.round(-Math.log1p(-random.nextDouble()) * SERVICE * 1e9);
        });
  }

  private void assertFinds(double capacity, SimulatedSearch.Service service) {
    int covered = 0;
    double sum = 0;
    for (int seed = 0; seed < SEARCHES; seed++) {
      LoadCapacity found = search.run(seed, ROUNDS, service);
      sum += found.estimate().orElseThrow().rate() / capacity;
      covered += found.low() <= capacity && capacity <= found.high() ? 1 : 0;
      assertThat(found.estimate().orElseThrow().limitedBy()).isEqualTo("ttft:p90=70ms");
    }
    assertThat(sum / SEARCHES).isCloseTo(1, within(0.04));
    assertThat(covered).isGreaterThanOrEqualTo((int) (0.85 * SEARCHES));
  }
}
