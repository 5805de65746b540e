package ai.cacheblend.orchestrator.jinja;

import java.util.List;

/** Limits of one rendering: templates come with models, from anywhere. Not thread-safe. */
final class Budget {
  static final int MAX_ELEMENTS = 1_000_000;
  private static final int MAX_STEPS = 5_000_000;
  private static final int MAX_DEPTH = 100;
  static final long MAX_CHARACTERS = 10_000_000;

  /** Bytes of all values that are made, about. */
  private static final long MAX_MADE = 200_000_000;

  private int steps;
  private int depth;
  private long characters;
  private long made;

  /** Counts an iteration or a call. */
  void step() {
    if (++steps > MAX_STEPS) {
      throw new JinjaException("the template takes more than " + MAX_STEPS + " steps");
    }
  }

  void enter() {
    step();
    if (++depth > MAX_DEPTH) {
      throw new JinjaException("macros are nested more than " + MAX_DEPTH + " deep");
    }
  }

  void leave() {
    depth--;
  }

  /**
   * Counts a string or list that was made. What exists at a time is no larger than what was made.
   */
  Object made(Object value) {
    if (value instanceof String text) {
      made += 2L * text.length();
    } else if (value instanceof List<?> list) {
      made += 8L * list.size();
    }
    if (made > MAX_MADE) {
      throw new JinjaException("the template makes values of more than " + MAX_MADE + " bytes");
    }
    return value;
  }

  /** Refuses a string before it is made: one operation can multiply two lengths. */
  static void requireLength(long characters) {
    if (characters > MAX_CHARACTERS) {
      throw new JinjaException("a string has more than " + MAX_CHARACTERS + " characters");
    }
  }

  void write(int count) {
    characters += count;
    if (characters > MAX_CHARACTERS) {
      throw new JinjaException("the template writes more than " + MAX_CHARACTERS + " characters");
    }
  }
}
