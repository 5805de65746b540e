package ai.cacheblend.orchestrator.cli;

import java.util.Optional;

/** A command whose exit status is a verdict; the texts explain the statuses in its help. */
interface VerdictCommand {
  /** Status 0. */
  String positive();

  /** Status 1. */
  String negative();

  /** Status 2. */
  default String badUsage() {
    return "bad usage";
  }

  /** Status 3; empty for commands that always decide. */
  default Optional<String> undecided() {
    return Optional.empty();
  }
}
