package ai.cacheblend.fuzz;

import io.grpc.Status;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a worker did.
 *
 * @param statuses calls by method and status
 * @param describeNanos latency of Describe during the attack, ascending
 * @param descriptions of calls with an undocumented status
 * @param resources of the worker, over the run
 */
public record FuzzResult(
    Map<String, Map<Status.Code, Long>> statuses,
    List<Long> describeNanos,
    List<String> descriptions,
    ResourceSeries resources,
    long reservedBlockCount,
    long activeRequestCount) {

  /** Statuses that the contract lists for calls to a worker that works. */
  static final Set<Status.Code> DOCUMENTED =
      EnumSet.of(
          Status.Code.OK,
          Status.Code.INVALID_ARGUMENT,
          Status.Code.NOT_FOUND,
          Status.Code.FAILED_PRECONDITION,
          Status.Code.RESOURCE_EXHAUSTED,
          Status.Code.CANCELLED,
          Status.Code.DEADLINE_EXCEEDED);

  public double describeMillis(double quantile) {
    int index = (int) Math.ceil(quantile * describeNanos.size()) - 1;
    return describeNanos.get(Math.max(0, index)) / 1e6;
  }

  public String table() {
    StringBuilder text = new StringBuilder();
    statuses.forEach(
        (method, counts) -> text.append(method).append(' ').append(counts).append('\n'));
    text.append(
        "Describe of another caller, ms: p50 %.1f, p99 %.1f, max %.1f (%d calls)%n"
            .formatted(
                describeMillis(0.5),
                describeMillis(0.99),
                describeMillis(1),
                describeNanos.size()));
    text.append(resources.table());
    text.append(
        "reserved KV blocks %d, active requests %d%n"
            .formatted(reservedBlockCount, activeRequestCount));
    return text.toString();
  }

  /** What must not happen, whatever the machine and however short the run. */
  public List<String> violations() {
    List<String> violations = new ArrayList<>();
    descriptions.forEach(line -> violations.add("undocumented status: " + line));
    if (reservedBlockCount > 0 || activeRequestCount > 0) {
      violations.add("KV blocks or requests are left over");
    }
    for (String method : List.of("Collect", "Check", "Generate")) {
      if (statuses.getOrDefault(method, Map.of()).getOrDefault(Status.Code.OK, 0L) == 0) {
        violations.add("no %s succeeded; the run tests little".formatted(method));
      }
    }
    return violations;
  }
}
