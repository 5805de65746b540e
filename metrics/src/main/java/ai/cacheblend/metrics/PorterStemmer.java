package ai.cacheblend.metrics;

import static ai.cacheblend.metrics.LetterPattern.endsInConsonant;
import static ai.cacheblend.metrics.LetterPattern.endsInDoubleConsonant;
import static ai.cacheblend.metrics.LetterPattern.endsInShortSyllable;
import static ai.cacheblend.metrics.LetterPattern.hasVowel;
import static ai.cacheblend.metrics.LetterPattern.measure;

import java.util.List;
import java.util.Map;

/**
 * M. F. Porter, "An algorithm for suffix stripping", Program 14(3), 1980, in the variant of NLTK's
 * {@code PorterStemmer}, which published ROUGE scores use. Comments mark NLTK's changes, which
 * affect common words such as "using", "they", "keys" and "play".
 */
final class PorterStemmer {

  /** NLTK: irregular words and their stems. */
  private static final Map<String, String> IRREGULAR =
      Map.ofEntries(
          Map.entry("skies", "sky"),
          Map.entry("sky", "sky"),
          Map.entry("dying", "die"),
          Map.entry("lying", "lie"),
          Map.entry("tying", "tie"),
          Map.entry("news", "news"),
          Map.entry("innings", "inning"),
          Map.entry("inning", "inning"),
          Map.entry("outings", "outing"),
          Map.entry("outing", "outing"),
          Map.entry("cannings", "canning"),
          Map.entry("canning", "canning"),
          Map.entry("howe", "howe"),
          Map.entry("proceed", "proceed"),
          Map.entry("exceed", "exceed"),
          Map.entry("succeed", "succeed"));

  // The first match applies: in each list, longer suffixes come before their own suffixes.
  private static final List<Rule> STEP_2 =
      rules(
          "ational>ate tional>tion enci>ence anci>ance izer>ize bli>ble entli>ent eli>e ousli>ous"
              + " ization>ize ation>ate ator>ate alism>al iveness>ive fulness>ful ousness>ous"
              + " aliti>al iviti>ive biliti>ble fulli>ful");
  private static final List<Rule> STEP_3 =
      rules("icate>ic ative> alize>al iciti>ic ical>ic ful> ness>");
  private static final List<Rule> STEP_4 =
      rules(
          "al> ance> ence> er> ic> able> ible> ant> ement> ment> ent> ou> ism> ate> iti> ous> ive>"
              + " ize>");

  private PorterStemmer() {}

  /** The stem of a lower-case word. */
  static String stem(String word) {
    String irregular = IRREGULAR.get(word);
    if (irregular != null) {
      return irregular;
    }
    if (word.length() <= 2) {
      return word;
    }
    return withoutFinalE(step4(step3(step2(finalYToI(withoutPast(withoutPlural(word)))))));
  }

  /** Step 1a. */
  private static String withoutPlural(String word) {
    if (word.endsWith("sses")) {
      return cut(word, 2);
    }
    if (word.endsWith("ies")) {
      return cut(word, word.length() == 4 ? 1 : 2); // NLTK: dies, ties keep ie
    }
    return word.endsWith("s") && !word.endsWith("ss") ? cut(word, 1) : word;
  }

  /** Step 1b. */
  private static String withoutPast(String word) {
    if (word.endsWith("ied")) {
      return cut(word, word.length() == 4 ? 1 : 2); // NLTK: died, tied keep ie
    }
    if (word.endsWith("eed")) {
      return measure(cut(word, 3)) > 0 ? cut(word, 1) : word;
    }
    int suffixLength = word.endsWith("ed") ? 2 : word.endsWith("ing") ? 3 : 0;
    String stem = cut(word, suffixLength);
    return suffixLength > 0 && hasVowel(stem) ? repaired(stem) : word;
  }

  /** Restores a stem that -ed or -ing changed: hop(p)ing, fil(e)ing. */
  private static String repaired(String stem) {
    if (stem.endsWith("at") || stem.endsWith("bl") || stem.endsWith("iz")) {
      return stem + "e";
    }
    if (endsInDoubleConsonant(stem)) {
      return "lsz".indexOf(stem.charAt(stem.length() - 1)) < 0 ? cut(stem, 1) : stem;
    }
    return measure(stem) == 1 && endsInShortSyllable(stem) ? stem + "e" : stem;
  }

  /** Step 1c. NLTK: only after a consonant that is not the whole stem, so play and by keep y. */
  private static String finalYToI(String word) {
    if (!word.endsWith("y")) {
      return word;
    }
    String stem = cut(word, 1);
    return stem.length() > 1 && endsInConsonant(stem) ? stem + "i" : word;
  }

  private static String step2(String word) {
    if (word.endsWith("alli")) {
      // NLTK: this step is applied again after -li is removed, as in nationally.
      return measure(cut(word, 4)) > 0 ? step2(cut(word, 2)) : word;
    }
    if (word.endsWith("logi")) {
      return measure(cut(word, 3)) > 0 ? cut(word, 1) : word; // NLTK: the l counts as stem
    }
    return apply(STEP_2, 1, word);
  }

  private static String step3(String word) {
    return apply(STEP_3, 1, word);
  }

  private static String step4(String word) {
    if (word.endsWith("ion")) {
      String stem = cut(word, 3);
      return measure(stem) > 1 && (stem.endsWith("s") || stem.endsWith("t")) ? stem : word;
    }
    return apply(STEP_4, 2, word);
  }

  /** Steps 5a and 5b. */
  private static String withoutFinalE(String word) {
    String result = word;
    if (word.endsWith("e")) {
      String stem = cut(word, 1);
      int measure = measure(stem);
      result = measure > 1 || (measure == 1 && !endsInShortSyllable(stem)) ? stem : word;
    }
    return result.endsWith("ll") && measure(cut(result, 1)) > 1 ? cut(result, 1) : result;
  }

  private static String apply(List<Rule> rules, int minimumMeasure, String word) {
    for (Rule rule : rules) {
      if (word.endsWith(rule.suffix)) {
        String stem = cut(word, rule.suffix.length());
        return measure(stem) >= minimumMeasure ? stem + rule.replacement : word;
      }
    }
    return word;
  }

  private static String cut(String word, int lastLetterCount) {
    return word.substring(0, word.length() - lastLetterCount);
  }

  private static List<Rule> rules(String text) {
    return PythonText.split(text).stream()
        .map(rule -> rule.split(">", -1))
        .map(sides -> new Rule(sides[0], sides[1]))
        .toList();
  }

  private record Rule(String suffix, String replacement) {}
}
