package ai.cacheblend.worker.engine;

import java.util.List;
import java.util.OptionalDouble;

/** A token as it goes out, with the text that became certain with it. */
public record NewToken(
    int tokenId, String text, OptionalDouble logprob, List<TokenValue> topLogprobs) {
  public NewToken {
    topLogprobs = List.copyOf(topLogprobs);
  }
}
