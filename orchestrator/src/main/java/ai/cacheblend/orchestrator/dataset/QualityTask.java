package ai.cacheblend.orchestrator.dataset;

import ai.cacheblend.orchestrator.plan.MetricKind;
import ai.cacheblend.orchestrator.plan.PromptTemplate;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.util.List;

/**
 * A data set made into prompts, and how to answer and score them.
 *
 * @param name in results
 * @param source what {@link Datasets#load} takes: a name, or an absolute path
 * @param file where the data was found, for messages
 * @param sha256 of the data file, hex
 * @param template the prompt template in effect
 * @param notes one line for each reason why items or documents were left out, with their number
 */
public record QualityTask(
    String name,
    String source,
    String file,
    String sha256,
    PromptTemplate template,
    List<QualitySample> samples,
    List<String> notes) {
  public QualityTask {
    samples = List.copyOf(samples);
    notes = List.copyOf(notes);
    if (samples.isEmpty()) {
      throw new IllegalArgumentException("task " + name + " has no samples");
    }
  }

  public MetricKind metric() {
    return template.metric();
  }

  /** The same task with its first {@code count} samples, or all if it has fewer. */
  public QualityTask first(int count) {
    return new QualityTask(
        name,
        source,
        file,
        sha256,
        template,
        samples.subList(0, Math.min(count, samples.size())),
        notes);
  }

  /** Identifies prompts and references: SHA-256, hex. */
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
}
