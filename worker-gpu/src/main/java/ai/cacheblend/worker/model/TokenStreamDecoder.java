package ai.cacheblend.worker.model;

import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.List;

/**
 * Decodes a stream of tokens; the deltas concatenated are the text of all tokens.
 *
 * <p>A token's text depends on its neighbours (spaces, characters that span tokens), so a delta is
 * the difference of two decodings of a short window: {@code [prefix, read)} is sent, {@code
 * [prefix, end)} is sent and new.
 *
 * <pre>
 *   tokens  … sent … | prefix … read | new … end |
 * </pre>
 *
 * <p>An incomplete character decodes to U+FFFD and is held back until the next tokens complete it.
 * Special tokens, which decode to nothing, do not enter the window. Not thread-safe.
 */
public final class TokenStreamDecoder {
  /**
   * A character has at most four bytes: text that is incomplete after this many tokens is invalid.
   */
  private static final int MAX_HELD_TOKENS = 16;

  private static final char REPLACEMENT = '\uFFFD';

  private final TextCodec codec;
  private final List<Integer> window = new ArrayList<>();
  private int readCount;

  public TokenStreamDecoder(TextCodec codec) {
    this.codec = codec;
  }

  /** Text that is final after this token; may be empty. */
  public String add(int tokenId) {
    if (codec.isSpecial(tokenId)) {
      return "";
    }
    window.add(tokenId);
    String delta = pending();
    boolean incomplete = !delta.isEmpty() && delta.charAt(delta.length() - 1) == REPLACEMENT;
    if ((delta.isEmpty() || incomplete) && window.size() - readCount < MAX_HELD_TOKENS) {
      return "";
    }
    advance();
    return delta;
  }

  /** Ends the stream; returns the text held back. */
  public String finish() {
    String delta = pending();
    window.clear();
    readCount = 0;
    return delta;
  }

  private String pending() {
    String sent = decode(window.subList(0, readCount));
    String all = decode(window);
    return all.length() > sent.length() ? all.substring(sent.length()) : "";
  }

  private void advance() {
    window.subList(0, readCount).clear();
    readCount = window.size();
  }

  private String decode(List<Integer> tokenIds) {
    return tokenIds.isEmpty() ? "" : codec.decode(ImmutableIntArray.copyOf(tokenIds));
  }
}
