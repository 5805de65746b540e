package ai.cacheblend.orchestrator.load;

import ai.cacheblend.orchestrator.records.Phase;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

/** The requests of a slice that wait for their first token. */
final class Waiting {
  /** By due time; those that no longer wait are removed when they are met. */
  private final Set<RequestRun> runs = new LinkedHashSet<>();

  void add(RequestRun run) {
    runs.add(run);
  }

  /** Measured requests that were due before {@code nanos}. */
  int dueBefore(long nanos) {
    int count = 0;
    for (Iterator<RequestRun> each = runs.iterator(); each.hasNext(); ) {
      RequestRun run = each.next();
      if (run.order().intendedNanos() >= nanos) {
        return count;
      }
      if (!run.waits()) {
        each.remove();
      } else if (run.order().phase() == Phase.MEASURED) {
        count++;
      }
    }
    return count;
  }
}
