package ai.cacheblend.orchestrator.dataset;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.hash.Hashing;
import com.google.common.io.Resources;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.GZIPInputStream;

/**
 * English prose for TTFT prompts: about 1.3 million characters. Its source is in the resource
 * {@code text/README.md}.
 *
 * <p>Immutable.
 */
public final class TtftCorpus {
  private static final String EMBEDDED = "text/corpus.txt.gz";

  private final List<String> paragraphs;

  TtftCorpus(List<String> paragraphs) {
    checkArgument(!paragraphs.isEmpty(), "a corpus needs paragraphs");
    this.paragraphs = List.copyOf(paragraphs);
  }

  /** The embedded text. */
  public static TtftCorpus embedded() {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Resources.getResource(EMBEDDED).openStream()),
                StandardCharsets.UTF_8))) {
      return new TtftCorpus(reader.lines().toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** SHA-256 of the embedded text. */
  public static String embeddedSha256() {
    try {
      return Resources.asByteSource(Resources.getResource(EMBEDDED))
          .hash(Hashing.sha256())
          .toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Passages whose order of paragraphs depends on the seed; equal seeds and calls return equal
   * passages.
   */
  public TtftPassages passages(long seed) {
    return new TtftPassages(paragraphs, seed);
  }

  /**
   * One passage of at least {@code minCharacters}, independent of earlier calls. A longer one of
   * the same seed and index starts with it. Passages of different index may share single
   * paragraphs; those of {@link #passages} share none before the text is used up.
   */
  public String passage(long seed, int index, int minCharacters) {
    long runSeed = new SplittableRandom(seed).nextLong();
    long passageSeed = new SplittableRandom(runSeed + index).nextLong();
    return passages(passageSeed).next(minCharacters);
  }

  /** Characters of passages of one seed before a paragraph is repeated. */
  public long characterCount() {
    return paragraphs.stream().mapToLong(String::length).sum();
  }
}
