package ai.cacheblend.orchestrator.console;

import java.util.List;

/**
 * What progress tells of one result of a run.
 *
 * @param label the result in a few words
 * @param readings its measurements; none where it does not count
 */
public record ProgressStep(String worker, String label, List<Reading> readings) {

  /**
   * A measurement.
   *
   * @param group readings of different groups are not averaged, such as those of two lengths
   */
  public record Reading(String group, String arm, double value) {}

  public ProgressStep {
    readings = List.copyOf(readings);
  }
}
