package ai.cacheblend.orchestrator.console;

import java.util.List;

/**
 * One result of a run, as shown in the progress display.
 *
 * @param label short description of the result
 * @param readings its measurements; empty if the result is not counted
 */
public record ProgressStep(String worker, String label, List<Reading> readings) {

  /**
   * A measurement.
   *
   * @param group readings of different groups are not averaged, such as those of two lengths
   */
  public record Reading(String group, String arm, double value) {}

  public ProgressStep {
    label = TerminalStream.oneLine(label);
    readings = List.copyOf(readings);
  }
}
