package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.report.Json;
import ai.cacheblend.orchestrator.run.Calibration;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Locale;

/** Shows what would be run: the plan on stdout, how long it would take on stderr. */
final class DryRun {
  private DryRun() {}

  static void print(Console console, ObjectNode plan, Calibration.Estimate estimate) {
    console.out().print(Json.pretty(plan));
    String shortest = minutes(estimate.shortest());
    String longest = minutes(estimate.longest());
    console
        .err()
        .printf(
            "would take about %s (%s)%n",
            shortest.equals(longest)
                ? shortest
                : shortest + " to " + longest + ", by how long workers take to warm up",
            estimate.basis());
  }

  private static String minutes(Duration duration) {
    return String.format(
        Locale.ROOT, "%d min %d s", duration.toMinutes(), duration.toSecondsPart());
  }
}
