package ai.cacheblend.orchestrator.cli;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Exit statuses. 0, 1 and 2 mean done, failed and bad usage. In a {@link VerdictCommand}, 1 is the
 * negative verdict, and a failure has a status of its own.
 */
enum ExitStatus {
  /** Done; of a command with a verdict: the verdict is positive. */
  DONE(0),
  /** The command failed. Only for commands without a verdict. */
  FAILED(1),
  /** The verdict is negative. */
  NEGATIVE(1),
  /** Bad usage; also runs that cannot be compared. */
  USAGE(2),
  /** The verdict is undecided, or a machine was busy. */
  UNDECIDED(3),
  /** The command failed, so there is no verdict. */
  NO_VERDICT(4),
  /** Done or positive verdict, but some planned blocks have no valid result. */
  INCOMPLETE(5);

  private final int code;

  ExitStatus(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }

  /** The status of {@code command} after a failure. */
  static ExitStatus failure(Object command) {
    return command instanceof VerdictCommand ? NO_VERDICT : FAILED;
  }

  /** The statuses of {@code command} with descriptions, for help texts. */
  static Map<String, String> help(Object command) {
    Map<String, String> meanings = new LinkedHashMap<>();
    if (command instanceof VerdictCommand verdict) {
      put(meanings, DONE, verdict.positive());
      put(meanings, NEGATIVE, verdict.negative());
      put(meanings, USAGE, verdict.badUsage());
      verdict.undecided().ifPresent(meaning -> put(meanings, UNDECIDED, meaning));
      put(meanings, NO_VERDICT, "failed: no verdict");
    } else {
      put(meanings, DONE, "done");
      put(meanings, FAILED, "failed");
      put(meanings, USAGE, "bad usage");
    }
    if (command instanceof RunCommand) {
      put(meanings, INCOMPLETE, "incomplete: some blocks have no valid result");
    }
    return meanings;
  }

  private static void put(Map<String, String> meanings, ExitStatus status, String meaning) {
    meanings.put(" " + status.code, meaning);
  }
}
