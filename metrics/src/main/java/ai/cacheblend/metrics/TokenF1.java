package ai.cacheblend.metrics;

import com.google.common.primitives.Ints;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.function.Function;

/**
 * F1 over model token ids, as the published CacheBlend scripts compute it.
 *
 * <p>Only the prediction is cut: leading newlines are removed, then everything from the next
 * newline on. An answer that starts with {@code Yes} or {@code yes} becomes {@code Yes}. An answer
 * whose first word starts with {@code No} or {@code no} becomes {@code No}, so that "North America"
 * scores as "No", as in the original. Both sides are then normalised as in {@link WordF1} and
 * tokenised.
 *
 * <p>The original drops the first id of each side as the beginning-of-sequence token. A tokenizer
 * without that token, such as Qwen's, would lose a real token; the caller therefore states whether
 * the tokenizer prepends it. The original fails on an empty answer, which has no tokens here.
 */
public final class TokenF1 implements QualityMetric {

  private final Function<String, int[]> tokenizer;
  private final OptionalInt bosTokenId;

  /**
   * A metric over the ids of one tokenizer, which is called with the empty text to check the flag.
   *
   * @param tokenizer text to token ids, special tokens as the tokenizer adds them by default
   * @param prependsBos whether {@code tokenizer} puts a beginning-of-sequence token before every
   *     text, the empty text included
   * @throws IllegalArgumentException if the tokenizer contradicts {@code prependsBos}
   */
  public TokenF1(Function<String, int[]> tokenizer, boolean prependsBos) {
    this.tokenizer = Objects.requireNonNull(tokenizer, "tokenizer");
    int[] emptyText = tokenizer.apply("");
    if (prependsBos != (emptyText.length > 0)) {
      throw new IllegalArgumentException(
          "prependsBos: "
              + prependsBos
              + ", but the tokenizer turns the empty text into "
              + Arrays.toString(emptyText)
              + "; pass "
              + !prependsBos);
    }
    this.bosTokenId = prependsBos ? OptionalInt.of(emptyText[0]) : OptionalInt.empty();
  }

  @Override
  public String id() {
    return "token_f1_cacheblend";
  }

  @Override
  public String unit() {
    return "fraction";
  }

  @Override
  public Better better() {
    return Better.HIGHER;
  }

  @Override
  public String formula() {
    return "2PR/(P+R) over the multiset of model token ids of the normalised text"
        + (bosTokenId.isPresent() ? " without the first (BOS)" : " (no BOS to drop)")
        + "; prediction cut to its first line, yes/no mapped; both empty: 1, one empty: 0";
  }

  @Override
  public double score(String prediction, String reference) {
    List<Integer> predicted = tokens(firstLineAnswer(prediction));
    List<Integer> expected = tokens(reference);
    if (predicted.isEmpty() && expected.isEmpty()) {
      return 1;
    }
    return Overlap.f1(
        Overlap.multisetCount(predicted, expected), predicted.size(), expected.size());
  }

  private List<Integer> tokens(String text) {
    String normalized = SquadNormalizer.normalize(text);
    List<Integer> ids = Ints.asList(tokenizer.apply(normalized));
    if (bosTokenId.isEmpty()) {
      return ids;
    }
    if (ids.isEmpty() || ids.get(0) != bosTokenId.getAsInt()) {
      throw new IllegalStateException(
          "tokenizer: \""
              + normalized
              + "\" starts with id "
              + (ids.isEmpty() ? "none" : ids.get(0))
              + ", not with BOS "
              + bosTokenId.getAsInt()
              + "; create TokenF1 with prependsBos = false and no special tokens");
    }
    return ids.subList(1, ids.size());
  }

  static String firstLineAnswer(String prediction) {
    int from = 0;
    while (from < prediction.length() && prediction.charAt(from) == '\n') {
      from++;
    }
    int newline = prediction.indexOf('\n', from);
    String line = prediction.substring(from, newline < 0 ? prediction.length() : newline);
    if (line.startsWith("Yes") || line.startsWith("yes")) {
      return "Yes";
    }
    List<String> words = PythonText.split(line);
    if (!words.isEmpty() && (words.get(0).startsWith("No") || words.get(0).startsWith("no"))) {
      return "No";
    }
    return line;
  }
}
