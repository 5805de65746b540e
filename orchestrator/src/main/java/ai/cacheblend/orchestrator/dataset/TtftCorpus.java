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
 * Real English prose to cut prompts from: about 1.3 million characters. {@code text/README.md}
 * among the resources says where it is from.
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

  /** The text that comes with the program. */
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

  /** Names the text that comes with the program. */
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
   * Passages in an order of paragraphs that the seed decides; equal seeds and calls give equal
   * passages.
   */
  public TtftPassages passages(long seed) {
    return new TtftPassages(paragraphs, seed);
  }

  /**
   * One passage of at least {@code minCharacters}, whatever was asked before; a longer one of the
   * same seed and index begins like it. Passages of different index may share a paragraph, but not
   * a run of several. {@link #passages} shares nothing while the text lasts.
   */
  public String passage(long seed, int index, int minCharacters) {
    long runSeed = new SplittableRandom(seed).nextLong();
    long passageSeed = new SplittableRandom(runSeed + index).nextLong();
    return passages(passageSeed).next(minCharacters);
  }

  /** Characters that passages of one seed hold before any paragraph comes again. */
  public long characterCount() {
    return paragraphs.stream().mapToLong(String::length).sum();
  }
}
