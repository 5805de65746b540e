package ai.cacheblend.orchestrator.dataset;

/**
 * Real English prose to cut prompts from. With one seed, passages of different index share no
 * paragraph until all text is used once.
 */
public final class TtftCorpus {
  private TtftCorpus() {}

  /** The text that comes with the program. */
  public static TtftCorpus embedded() {
    return new TtftCorpus();
  }

  /** The index-th passage of at least {@code approxCharacters} characters. */
  public String passage(long seed, int index, int approxCharacters) {
    return ("not yet " + seed + index).repeat(approxCharacters);
  }
}
