package ai.cacheblend.orchestrator.load;

import ai.cacheblend.metrics.Summary;
import ai.cacheblend.orchestrator.plan.Slo;
import ai.cacheblend.orchestrator.records.LoadCapacity;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Prints the error of searches of the highest rate in virtual time, and how often the interval
 * covers the true rate. Run by {@code benchmarks/load/coverage}.
 */
final class SearchCoverage {
  private static final double SERVICE = 0.010;
  private static final int ROUNDS = 12;

  private SearchCoverage() {}

  /** One set of searches. */
  private record Setting(boolean exponential, double limit, double seconds) {
    double capacity() {
      return exponential
          ? QueueCapacity.mm1(SERVICE, limit, 0.9)
          : QueueCapacity.md1(SERVICE, limit, 0.9);
    }

    SimulatedSearch.Service service() {
      if (!exponential) {
        return seed -> () -> Math.round(SERVICE * 1e9);
      }
      return seed -> {
        SplittableRandom random = new SplittableRandom(seed);
        return () -> Math.round(-Math.log1p(-random.nextDouble()) * SERVICE * 1e9);
      };
    }
  }

  public static void main(String[] arguments) {
    int searches = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 200;
    System.out.println(
        "| queue | p90 limit, services | utilization there | slice / limit | error | spread | coverage | width |");
    System.out.println("|---|---|---|---|---|---|---|---|");
    for (boolean exponential : List.of(false, true)) {
      for (double limit : new double[] {0.040, 0.070, 0.150, 0.300}) {
        for (double slice : new double[] {20, 40, 100}) {
          print(new Setting(exponential, limit, slice * limit), searches);
        }
      }
    }
  }

  private static void print(Setting setting, int searches) {
    SimulatedSearch search =
        new SimulatedSearch(
            Slo.parse("ttft=" + Math.round(setting.limit * 1e3) + "ms"), setting.seconds);
    double capacity = setting.capacity();
    double[] errors = new double[searches];
    double width = 0;
    int covered = 0;
    for (int i = 0; i < searches; i++) {
      LoadCapacity found = search.run(i, ROUNDS, setting.service());
      errors[i] = found.estimate().map(e -> e.rate() / capacity - 1).orElse(0.0);
      covered += found.low() <= capacity && capacity <= found.high() ? 1 : 0;
      width += (found.high() - found.low()) / capacity;
    }
    Summary summary = Summary.of(errors);
    System.out.printf(
        Locale.ROOT,
        "| %s | %.0f | %.3f | %.0f | %+.1f %% | %.1f %% | %.0f %% | %.0f %% |%n",
        setting.exponential ? "M/M/1" : "M/D/1",
        setting.limit / SERVICE,
        capacity * SERVICE,
        setting.seconds / setting.limit,
        100 * summary.mean(),
        100 * summary.sampleStd(),
        100.0 * covered / searches,
        100 * width / searches);
  }
}
