package ai.cacheblend.mock;

import com.google.common.hash.Hashing;
import com.google.common.primitives.ImmutableIntArray;

/** The tokens of all answers, as a pure function. */
public interface AnswerTokens {

  /**
   * The next token.
   *
   * @param arm full_prefill, prefix_caching, full_kv_reuse or cacheblend
   * @param step from 0
   */
  int token(ImmutableIntArray prompt, String arm, int step);

  /** Lower-case letters that depend on the prompt only: all arms give the same answer. */
  static AnswerTokens hashed() {
    return (prompt, arm, step) -> {
      int hash = Hashing.murmur3_32_fixed(step).hashInt(prompt.hashCode()).asInt();
      return MockTokenizer.idOf('a' + Math.floorMod(hash, 26));
    };
  }

  /** The same text from all arms, followed by end-of-sequence tokens. */
  static AnswerTokens text(String text) {
    ImmutableIntArray ids = MockTokenizer.encode(text);
    return (prompt, arm, step) -> step < ids.length() ? ids.get(step) : MockTokenizer.EOS;
  }
}
