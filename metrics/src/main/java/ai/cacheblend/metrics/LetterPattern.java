package ai.cacheblend.metrics;

/**
 * Vowels and consonants as Porter's algorithm defines them: a, e, i, o and u are vowels, and y is a
 * vowel after a consonant. All other characters, digits included, are consonants.
 */
final class LetterPattern {

  private LetterPattern() {}

  /** Porter's m: the number of times a vowel is followed by a consonant. */
  static int measure(String text) {
    int measure = 0;
    boolean afterVowel = false;
    for (int i = 0; i < text.length(); i++) {
      boolean vowel = isVowel(text.charAt(i), i == 0 || afterVowel);
      if (afterVowel && !vowel) {
        measure++;
      }
      afterVowel = vowel;
    }
    return measure;
  }

  static boolean hasVowel(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (isVowelAt(text, i)) {
        return true;
      }
    }
    return false;
  }

  static boolean endsInConsonant(String text) {
    return !text.isEmpty() && !isVowelAt(text, text.length() - 1);
  }

  static boolean endsInDoubleConsonant(String text) {
    int last = text.length() - 1;
    return last >= 1 && text.charAt(last) == text.charAt(last - 1) && endsInConsonant(text);
  }

  /**
   * Whether the text ends in a short syllable, which keeps a final e: consonant, vowel, consonant
   * other than w, x, y; or, added by NLTK, a text of one vowel and one consonant.
   */
  static boolean endsInShortSyllable(String text) {
    int last = text.length() - 1;
    if (last < 1 || !endsInConsonant(text) || !isVowelAt(text, last - 1)) {
      return false;
    }
    return last == 1 || (!isVowelAt(text, last - 2) && "wxy".indexOf(text.charAt(last)) < 0);
  }

  private static boolean isVowelAt(String text, int index) {
    boolean vowel = false;
    for (int i = 0; i <= index; i++) {
      vowel = isVowel(text.charAt(i), i == 0 || vowel);
    }
    return vowel;
  }

  /** A y is a consonant at the start of a word and after a vowel. */
  private static boolean isVowel(char c, boolean atStartOrAfterVowel) {
    return c == 'y' ? !atStartOrAfterVowel : "aeiou".indexOf(c) >= 0;
  }
}
