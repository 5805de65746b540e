package ai.cacheblend.orchestrator.cli;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * How much of a plan has a valid result.
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

  /** {@link #status}, after a line on stderr that explains a status other than DONE. */
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
