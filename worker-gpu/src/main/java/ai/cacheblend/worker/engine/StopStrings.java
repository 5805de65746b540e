package ai.cacheblend.worker.engine;

import java.util.List;

/**
 * Output text, which ends before the first stop string. If the text contains several, the one that
 * is completed first counts, and of those the longest, so that the result does not depend on how
 * tokens split the text. Single thread.
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
   * Adds text and returns the text that no later text can turn into a part of a stop string. Empty
   * after a stop string was found.
   */
  String add(String delta) {
    if (found) {
      return "";
    }
    StringBuilder released = new StringBuilder();
    for (int i = 0; i < delta.length(); i++) {
      held.append(delta.charAt(i));
      int start = startOfStopString();
      if (start >= 0) {
        found = true;
        released.append(held, 0, start);
        held.setLength(0);
        return released.toString();
      }
      int keepFrom = firstPossibleStart();
      released.append(held, 0, keepFrom);
      held.delete(0, keepFrom);
    }
    return released.toString();
  }

  /** The text that is held back, at the end of the answer. */
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

  /** The lowest index from which the held text is a prefix of a stop string. */
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
