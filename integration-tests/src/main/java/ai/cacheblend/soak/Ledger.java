package ai.cacheblend.soak;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Calls by kind: how many were started, and how each of them ended. */
final class Ledger {
  private static final int MAX_VIOLATIONS = 50;

  @GuardedBy("this")
  private final Map<String, Long> started = new TreeMap<>();

  @GuardedBy("this")
  private final Map<String, Map<Status.Code, Long>> ended = new TreeMap<>();

  @GuardedBy("this")
  private final List<String> violations = new ArrayList<>();

  synchronized void started(String kind) {
    started.merge(kind, 1L, Long::sum);
  }

  synchronized void ended(String kind, Status.Code code) {
    ended.computeIfAbsent(kind, k -> new EnumMap<>(Status.Code.class)).merge(code, 1L, Long::sum);
  }

  synchronized void violation(String violation) {
    if (violations.size() < MAX_VIOLATIONS) {
      violations.add(violation);
    }
  }

  /** Violations so far, and kinds of calls that did not end exactly once each. */
  synchronized List<String> violations() {
    List<String> all = new ArrayList<>(violations);
    started.forEach(
        (kind, count) -> {
          long ends = ended.getOrDefault(kind, Map.of()).values().stream().mapToLong(n -> n).sum();
          if (ends != count) {
            all.add("%s: %d calls started, %d ended".formatted(kind, count, ends));
          }
        });
    return all;
  }

  synchronized String table() {
    StringBuilder text = new StringBuilder();
    started.forEach(
        (kind, count) ->
            text.append("%s: %d %s%n".formatted(kind, count, ended.getOrDefault(kind, Map.of()))));
    return text.toString();
  }
}
