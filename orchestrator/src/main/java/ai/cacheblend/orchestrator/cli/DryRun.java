package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.records.Json;
import ai.cacheblend.orchestrator.run.Calibration;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Locale;

/** Shows what would be run: the plan on stdout, how long it would take on stderr. */
final class DryRun {
  private DryRun() {}

  static void print(Console console, ObjectNode plan, Calibration.Estimate estimate) {
    print(console, plan, estimate, "by how long workers take to warm up");
  }

  /**
   * The same.
   *
   * @param dependence what it takes the shortest or the longest time by
   */
  static void print(
      Console console, ObjectNode plan, Calibration.Estimate estimate, String dependence) {
    console.out().print(Json.pretty(plan));
    String shortest = minutes(estimate.shortest());
    String longest = minutes(estimate.longest());
    console
        .err()
        .printf(
            "would take about %s (%s)%n",
            shortest.equals(longest) ? shortest : shortest + " to " + longest + ", " + dependence,
            estimate.basis());
  }

  private static String minutes(Duration duration) {
    return String.format(
        Locale.ROOT, "%d min %d s", duration.toMinutes(), duration.toSecondsPart());
  }
}
