package ai.cacheblend.integration;

import static com.google.common.base.Preconditions.checkArgument;

import ai.cacheblend.integration.Answers.Answer;
import ai.cacheblend.proto.v1.TokenValue;
import ai.cacheblend.proto.v1.TopLogprobs;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How far a worker's log-probabilities are from the reference's: those of the five best tokens of
 * the first step and of the reference's token of each later step, up to the first token that is
 * another one. The measure of {@code low_precision.json}.
 */
final class LogprobErrors {
  private final List<Double> errors = new ArrayList<>();

  /** For each answer that differs, the margin by which the worker prefers its own token. */
  private final List<Double> preferences = new ArrayList<>();

  void add(Answer answer, GoldenCase expected) {
    checkArgument(
        answer.topLogprobs().size() == expected.tokenIds().size(), "another number of tokens");
    expected
        .firstLogprobs()
        .forEach((id, logprob) -> errors.add(logprob(answer.topLogprobs().get(0), id) - logprob));
    for (int step = 0; step < expected.tokenIds().size(); step++) {
      TopLogprobs top = answer.topLogprobs().get(step);
      double logprob = logprob(top, expected.tokenIds().get(step));
      if (step > 0) {
        errors.add(logprob - expected.logprobs().get(step));
      }
      int token = answer.tokenIds().get(step);
      if (token != expected.tokenIds().get(step)) {
        preferences.add(logprob(top, token) - logprob);
        return;
      }
    }
  }

  private static double logprob(TopLogprobs top, int tokenId) {
    return top.getEntriesList().stream()
        .filter(entry -> entry.getTokenId() == tokenId)
        .mapToDouble(TokenValue::getValue)
        .findFirst()
        .orElseThrow(
            () ->
                new AssertionError(
                    "token %d is not among the %d most probable"
                        .formatted(tokenId, top.getEntriesCount())));
  }

  int count() {
    return errors.size();
  }

  double max() {
    return errors.stream().mapToDouble(Math::abs).max().orElseThrow();
  }

  double rms() {
    return Math.sqrt(errors.stream().mapToDouble(error -> error * error).average().orElseThrow());
  }

  /** 0 if all tokens equal the reference's. */
  double largestPreference() {
    return preferences.stream().mapToDouble(preference -> preference).max().orElse(0);
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "max %.5f, rms %.5f over %d log-probabilities, %d other tokens",
        max(),
        rms(),
        count(),
        preferences.size());
  }
}
