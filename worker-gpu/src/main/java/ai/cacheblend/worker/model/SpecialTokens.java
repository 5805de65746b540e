package ai.cacheblend.worker.model;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.OptionalInt;

/**
 * Tokens that begin and end a text.
 *
 * @param bosTokenId empty: nothing stands before a text
 * @param eosTokenIds any of them ends an answer
 */
public record SpecialTokens(OptionalInt bosTokenId, List<Integer> eosTokenIds) {
  public SpecialTokens {
    requireNonNull(bosTokenId, "bosTokenId is null");
    eosTokenIds = List.copyOf(eosTokenIds);
  }
}
