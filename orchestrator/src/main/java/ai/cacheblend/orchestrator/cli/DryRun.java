package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.records.Json;
import ai.cacheblend.orchestrator.run.Calibration;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Prints a plan on stdout, and an estimate of its duration on stderr. */
final class DryRun {
  private DryRun() {}

  static void print(Console console, ObjectNode plan, Calibration.Estimate estimate) {
    print(console, plan, estimate, "depending on warm-up");
  }

  /**
   * Prints a plan and an estimate.
   *
   * @param cause reason for the range of durations
   */
  static void print(Console console, ObjectNode plan, Calibration.Estimate estimate, String cause) {
    console.out().print(Json.pretty(plan));
    boolean exact = estimate.shortest().equals(estimate.longest());
    console
        .err()
        .printf(
            "would take about %s%s (%s)%n",
            estimate.range(), exact ? "" : ", " + cause, estimate.basis());
  }
}
