package ai.cacheblend.orchestrator.jinja;

/** Limits of one rendering: templates come with models, from anywhere. Not thread-safe. */
final class Budget {
  static final int MAX_ELEMENTS = 1_000_000;
  private static final int MAX_STEPS = 5_000_000;
  private static final int MAX_DEPTH = 100;
  static final long MAX_CHARACTERS = 100_000_000;

  private int steps;
  private int depth;
  private long characters;

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

  void write(int count) {
    characters += count;
    if (characters > MAX_CHARACTERS) {
      throw new JinjaException("the template writes more than " + MAX_CHARACTERS + " characters");
    }
  }
}
