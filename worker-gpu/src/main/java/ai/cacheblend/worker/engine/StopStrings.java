package ai.cacheblend.worker.engine;

import java.util.List;

/**
 * Text on its way out, which ends before the first stop string. Of several, that one counts which
 * is complete first (of those the longest), so that the cut does not depend on how tokens split the
 * text. Used by one thread.
 */
final class StopStrings {
  private final List<String> stopStrings;
  private final StringBuilder held = new StringBuilder();
  private boolean found;

  StopStrings(List<String> stopStrings) {
    this.stopStrings = List.copyOf(stopStrings);
  }

  boolean found() {
    return found;
  }

  /**
   * Text that is certain now: without what could still turn into a stop string, and none after one
   * was found.
   */
  String add(String delta) {
    if (found) {
      return "";
    }
    StringBuilder certain = new StringBuilder();
    for (int i = 0; i < delta.length(); i++) {
      held.append(delta.charAt(i));
      int start = startOfStopString();
      if (start >= 0) {
        found = true;
        certain.append(held, 0, start);
        held.setLength(0);
        return certain.toString();
      }
      int keepFrom = firstPossibleStart();
      certain.append(held, 0, keepFrom);
      held.delete(0, keepFrom);
    }
    return certain.toString();
  }

  /** Text held back until now; there is no more. */
  String finish() {
    String rest = held.toString();
    held.setLength(0);
    return rest;
  }

  private int startOfStopString() {
    int start = -1;
    for (String stop : stopStrings) {
      int at = held.length() - stop.length();
      if (at >= 0 && held.indexOf(stop, at) == at && (start < 0 || at < start)) {
        start = at;
      }
    }
    return start;
  }

  /** The lowest index from which the held text is the beginning of a stop string. */
  private int firstPossibleStart() {
    for (int from = 0; from < held.length(); from++) {
      String tail = held.substring(from);
      if (stopStrings.stream().anyMatch(stop -> stop.startsWith(tail))) {
        return from;
      }
    }
    return held.length();
  }
}
