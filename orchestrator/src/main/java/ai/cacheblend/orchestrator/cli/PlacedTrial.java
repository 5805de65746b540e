package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.records.BlockListener;
import ai.cacheblend.orchestrator.records.Trial;
import java.util.Optional;

/**
 * A trial on the progress display.
 *
 * @param place of its chunks; empty if all trials have the same
 */
record PlacedTrial(Optional<String> place, Trial trial) {

  /** A listener of trials in one place. */
  static BlockListener<Trial> shown(BlockListener<PlacedTrial> progress, Optional<String> place) {
    return new BlockListener<>() {
      @Override
      public void started(double weight) {
        progress.started(weight);
      }

      @Override
      public void finished(Trial trial, double weight) {
        progress.finished(new PlacedTrial(place, trial), weight);
      }

      @Override
      public void workerLost(String worker, String reason) {
        progress.workerLost(worker, reason);
      }
    };
  }
}
