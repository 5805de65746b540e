package ai.cacheblend.worker.engine;

import java.util.List;
import java.util.OptionalDouble;

/** A token of the answer, with the text that it completes. */
public record NewToken(
    int tokenId, String text, OptionalDouble logprob, List<TokenValue> topLogprobs) {
  public NewToken {
    topLogprobs = List.copyOf(topLogprobs);
  }
}
