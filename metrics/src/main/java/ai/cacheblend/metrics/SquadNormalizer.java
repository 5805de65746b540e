package ai.cacheblend.metrics;

import java.util.List;

/**
 * The answer normalisation of SQuAD, used by LongBench and CacheBlend: lower-case, delete ASCII
 * punctuation, replace articles by spaces, join words by single spaces. The order matters: without
 * punctuation, {@code a.n} is an article and {@code the-end} contains none.
 */
final class SquadNormalizer {

  private SquadNormalizer() {}

  static String normalize(String text) {
    return String.join(" ", words(text));
  }

  static List<String> words(String text) {
    return PythonText.split(withoutArticles(withoutPunctuation(PythonText.lower(text))));
  }

  private static String withoutPunctuation(String text) {
    StringBuilder kept = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!PythonText.isPunctuation(c)) {
        kept.append(c);
      }
    }
    return kept.toString();
  }

  private static String withoutArticles(String text) {
    StringBuilder kept = new StringBuilder(text.length());
    int at = 0;
    while (at < text.length()) {
      int end = wordEnd(text, at);
      if (end == at) {
        end += Character.charCount(text.codePointAt(at));
        kept.append(text, at, end);
      } else if (isArticle(text.substring(at, end))) {
        kept.append(' ');
      } else {
        kept.append(text, at, end);
      }
      at = end;
    }
    return kept.toString();
  }

  /** The end of the maximal run of word characters that starts at {@code from}. */
  private static int wordEnd(String text, int from) {
    int at = from;
    while (at < text.length() && PythonText.isWord(text.codePointAt(at))) {
      at += Character.charCount(text.codePointAt(at));
    }
    return at;
  }

  private static boolean isArticle(String word) {
    return word.equals("a") || word.equals("an") || word.equals("the");
  }
}
