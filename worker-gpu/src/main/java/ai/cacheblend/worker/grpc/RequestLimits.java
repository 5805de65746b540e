package ai.cacheblend.worker.grpc;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * Limits of lists and texts.
 *
 * @param maxTextLength UTF-16 units of text in one prompt, or in one text of Tokenize
 */
record RequestLimits(int maxTextLength) {
  /** Segments of a prompt, chunks of a Collect, texts or lists of a Tokenize. */
  static final int MAX_ELEMENTS = 4096;

  static final int MAX_STOP_TOKEN_IDS = 1024;
  static final int MAX_KEYS = 16_384;

  /** Text that is not limited by the model: a document, before it is cut into chunks. */
  private static final int MIN_TEXT_LENGTH = 256 << 10;

  /** Natural language has 4 to 5 characters per token. */
  private static final int CHARACTERS_PER_TOKEN = 32;

  static RequestLimits of(int maxSequenceTokenCount) {
    return new RequestLimits(
        (int)
            Math.min(
                Integer.MAX_VALUE,
                Math.max(MIN_TEXT_LENGTH, (long) maxSequenceTokenCount * CHARACTERS_PER_TOKEN)));
  }

  static void requireCount(String field, int count, int limit) {
    checkArgument(
        count <= limit, "%s has %s entries; send at most %s in one request", field, count, limit);
  }

  void requireText(String field, long length) {
    checkArgument(
        length <= maxTextLength,
        "%s has %s characters; send at most %s",
        field,
        length,
        maxTextLength);
  }
}
