package ai.cacheblend.worker.export.tokenizer;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import java.util.HashSet;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The tokens of a model, by id.
 *
 * @param bos the token that stands before a text; empty: none
 */
public record Vocabulary(ImmutableList<Token> tokens, OptionalInt bos) {

  /** What a token is; the numbers are those of SentencePiece and of GGUF files. */
  public enum Kind {
    NORMAL(1),
    UNKNOWN(2),
    CONTROL(3),
    USER_DEFINED(4),
    UNUSED(5),
    BYTE(6);

    private final int id;

    Kind(int id) {
      this.id = id;
    }

    /** The kind with that number. */
    public static Kind ofId(int id) {
      for (Kind kind : values()) {
        if (kind.id == id) {
          return kind;
        }
      }
      throw new IllegalArgumentException("token type is %s, expected 1 to 6".formatted(id));
    }
  }

  /**
   * A token.
   *
   * @param score of SentencePiece: pairs with a higher one are merged first
   */
  public record Token(String text, float score, Kind kind) {
    public Token {
      requireNonNull(text, "text is null");
      requireNonNull(kind, "kind is null");
    }
  }

  public Vocabulary {
    requireNonNull(bos, "bos is null");
    Set<String> texts = new HashSet<>();
    for (int id = 0; id < tokens.size(); id++) {
      checkArgument(
          texts.add(tokens.get(id).text()),
          "token %s is %s, as a token before it",
          id,
          tokens.get(id).text());
    }
    checkArgument(
        bos.orElse(0) < tokens.size(), "bos_token_id is %s of %s tokens", bos, tokens.size());
  }

  /** The first token of a kind. */
  OptionalInt first(Kind kind) {
    for (int id = 0; id < tokens.size(); id++) {
      if (tokens.get(id).kind() == kind) {
        return OptionalInt.of(id);
      }
    }
    return OptionalInt.empty();
  }
}
