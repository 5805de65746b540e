package ai.cacheblend.orchestrator.dataset;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Counts items that are left out, by reason. */
final class LeftOut {
  private final Map<String, Integer> countByReason = new LinkedHashMap<>();

  void add(String reason) {
    countByReason.merge(reason, 1, Integer::sum);
  }

  /** One line for each reason, in the order in which they first occurred. */
  List<String> notes() {
    return countByReason.entrySet().stream()
        .map(
            entry ->
                entry.getValue()
                    + (entry.getValue() == 1 ? " item" : " items")
                    + " left out: "
                    + entry.getKey())
        .toList();
  }
}
