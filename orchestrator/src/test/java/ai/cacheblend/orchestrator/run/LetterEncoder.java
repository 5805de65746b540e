package ai.cacheblend.orchestrator.run;

/** Embeds a text as the counts of its letters a to z. */
final class LetterEncoder implements TextEncoder {
  @Override
  public float[] embed(String text) {
    float[] counts = new float[26];
    text.chars().filter(c -> c >= 'a' && c <= 'z').forEach(c -> counts[c - 'a']++);
    return counts;
  }

  @Override
  public void close() {}
}
