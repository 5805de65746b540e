package ai.cacheblend.orchestrator.cli;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * The part of a plan that has valid results.
 *
 * @param measured whether everything that the command reports has a valid block
 * @param invalidCount planned blocks without a valid result
 */
record Completion(boolean measured, int invalidCount) {
  Completion {
    checkArgument(invalidCount >= 0, "invalidCount is %s", invalidCount);
  }

  Completion and(Completion other) {
    return new Completion(measured && other.measured, invalidCount + other.invalidCount);
  }

  ExitStatus status() {
    if (!measured) {
      return ExitStatus.FAILED;
    }
    return invalidCount == 0 ? ExitStatus.DONE : ExitStatus.INCOMPLETE;
  }

  /** Returns {@link #status}; prints the reason for a status other than DONE to stderr. */
  ExitStatus report(Console console, String command, String notMeasured) {
    if (status() == ExitStatus.FAILED) {
      console.err().println("cacheblend " + command + ": " + notMeasured + "; see above");
    } else if (status() == ExitStatus.INCOMPLETE) {
      console.err().println("cacheblend " + command + ": " + incomplete());
    }
    return status();
  }

  private String incomplete() {
    return (invalidCount == 1 ? "1 block has" : invalidCount + " blocks have")
        + " no valid result; --resume runs "
        + (invalidCount == 1 ? "it" : "them")
        + " again";
  }
}
