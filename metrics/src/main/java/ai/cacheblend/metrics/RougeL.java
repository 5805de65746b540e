package ai.cacheblend.metrics;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * ROUGE-L F-measure as google-research's {@code rouge_score} computes {@code rougeL}: one longest
 * common subsequence over all words of the text (not {@code rougeLsum}, which joins sentences).
 * Words are the runs of a-z and 0-9 after lower-casing, so an accented letter splits a word.
 */
public final class RougeL implements QualityMetric {

  /** {@code rouge_score} does not stem shorter words, which may be acronyms. */
  private static final int UNSTEMMED_LENGTH = 3;

  private final boolean stemmed;

  private RougeL(boolean stemmed) {
    this.stemmed = stemmed;
  }

  /** {@code RougeScorer(["rougeL"], use_stemmer=True)}. */
  public static RougeL stemmed() {
    return new RougeL(true);
  }

  /** {@code RougeScorer(["rougeL"], use_stemmer=False)}. */
  public static RougeL plain() {
    return new RougeL(false);
  }

  @Override
  public String id() {
    return stemmed ? "rouge_l_stemmed" : "rouge_l_plain";
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
    return "2PR/(P+R), P = LCS/words of the prediction, R = LCS/words of the reference; words are"
        + " lower-case a-z0-9"
        + (stemmed ? ", stemmed (Porter, NLTK's variant)" : ", unstemmed")
        + "; nothing shared: 0";
  }

  @Override
  public double score(String prediction, String reference) {
    List<String> predicted = words(prediction);
    List<String> expected = words(reference);
    return Overlap.f1(lcsLength(predicted, expected), predicted.size(), expected.size());
  }

  List<String> words(String text) {
    String lower = PythonText.lower(text);
    List<String> words = new ArrayList<>();
    int at = 0;
    while (at < lower.length()) {
      int end = at;
      while (end < lower.length() && isWordChar(lower.charAt(end))) {
        end++;
      }
      if (end > at) {
        words.add(stem(lower.substring(at, end)));
      }
      at = Math.max(end, at + 1);
    }
    return words;
  }

  private String stem(String word) {
    return stemmed && word.length() > UNSTEMMED_LENGTH ? PorterStemmer.stem(word) : word;
  }

  private static boolean isWordChar(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  }

  /** Dynamic programming over two rows. Words are compared as integers: texts may be long. */
  static int lcsLength(List<String> left, List<String> right) {
    Map<String, Integer> numbers = new HashMap<>();
    int[] leftIds = numbered(left, numbers);
    int[] rightIds = numbered(right, numbers);
    int[] above = new int[rightIds.length + 1];
    int[] row = new int[rightIds.length + 1];
    for (int leftId : leftIds) {
      for (int j = 0; j < rightIds.length; j++) {
        row[j + 1] = leftId == rightIds[j] ? above[j] + 1 : Math.max(above[j + 1], row[j]);
      }
      int[] swap = above;
      above = row;
      row = swap;
    }
    return above[rightIds.length];
  }

  private static int[] numbered(List<String> words, Map<String, Integer> numbers) {
    int[] ids = new int[words.size()];
    for (int i = 0; i < ids.length; i++) {
      Integer next = numbers.size();
      Integer known = numbers.putIfAbsent(words.get(i), next);
      ids[i] = known == null ? next : known;
    }
    return ids;
  }
}
