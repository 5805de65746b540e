package ai.cacheblend.orchestrator.dataset;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.util.List;

/**
 * A data set made into prompts, and how to answer and score them.
 *
 * @param firstLineOnly see {@link #answer}
 * @param sha256 of the data file, hex
 * @param source where the data came from: a path, or the name of the embedded set
 * @param template the prompt template in effect
 * @param notes one line each on items or documents left out and why; empty when the data was used
 *     whole
 */
public record QualityTask(
    String name,
    List<QualitySample> samples,
    int maxNewTokens,
    List<String> stopStrings,
    MetricKind metric,
    boolean firstLineOnly,
    String sha256,
    String source,
    PromptTemplate template,
    List<String> notes) {
  public QualityTask {
    samples = List.copyOf(samples);
    stopStrings = List.copyOf(stopStrings);
    notes = List.copyOf(notes);
    if (samples.isEmpty()) {
      throw new IllegalArgumentException("Task " + name + " has no samples");
    }
  }

  /** The same task with its first {@code count} samples, or all if it has fewer. */
  public QualityTask first(int count) {
    return new QualityTask(
        name,
        samples.subList(0, Math.min(count, samples.size())),
        maxNewTokens,
        stopStrings,
        metric,
        firstLineOnly,
        sha256,
        source,
        template,
        notes);
  }

  /** Names the prompts, and what counts as a right answer to each: SHA-256, hex. */
  public String promptsSha256() {
    Hasher hasher = Hashing.sha256().newHasher();
    for (QualitySample sample : samples) {
      put(hasher, sample.id());
      hasher.putInt(sample.parts().size());
      for (PromptPart part : sample.parts()) {
        put(hasher, part.text());
        hasher.putBoolean(part.cached());
      }
      hasher.putInt(sample.references().size());
      sample.references().forEach(reference -> put(hasher, reference));
    }
    return hasher.hash().toString();
  }

  private static void put(Hasher hasher, String text) {
    hasher.putInt(text.length()).putUnencodedChars(text);
  }

  /**
   * The part of a generated text that is scored: all of it, or where {@code firstLineOnly} its
   * first line that is not empty.
   */
  public String answer(String generated) {
    return firstLineOnly ? generated.stripLeading().lines().findFirst().orElse("") : generated;
  }
}
