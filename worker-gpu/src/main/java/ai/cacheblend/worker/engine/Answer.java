package ai.cacheblend.worker.engine;

import ai.cacheblend.worker.engine.GenerateResult.Reason;
import ai.cacheblend.worker.model.Logits;
import ai.cacheblend.worker.model.ModelProfile;
import ai.cacheblend.worker.model.StepOutput;
import ai.cacheblend.worker.model.TextCodec;
import ai.cacheblend.worker.model.TokenStreamDecoder;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** Turns the output of each step into a token and its text, and says when the answer is over. */
final class Answer {
  private final GenerateCommand command;
  private final ModelProfile model;
  private final Sampler sampler;
  private final TokenStreamDecoder decoder;
  private final StopStrings stopStrings;
  private int tokenCount;
  private Reason reason;

  Answer(GenerateCommand command, ModelProfile model, TextCodec codec) {
    this.command = command;
    this.model = model;
    this.sampler = new Sampler(command.sampling());
    this.decoder = new TokenStreamDecoder(codec);
    this.stopStrings = new StopStrings(command.stop().stopStrings());
  }

  boolean wantsLogits() {
    ReturnOptions wanted = command.returnOptions();
    return !command.sampling().isGreedy() || wanted.logprobs() || wanted.topLogprobCount() > 0;
  }

  int choose(StepOutput output) {
    return command.sampling().isGreedy() ? output.nextTokenId() : sampler.draw(logits(output));
  }

  NewToken accept(int tokenId, StepOutput output) {
    tokenCount++;
    boolean stops = isStopToken(tokenId);
    String text = stops ? "" : stopStrings.add(decoder.add(tokenId));
    if (stops) {
      reason = Reason.STOP_TOKEN;
    } else if (stopStrings.found()) {
      reason = Reason.STOP_STRING;
    } else if (tokenCount == command.maxNewTokens()) {
      reason = Reason.MAX_NEW_TOKENS;
    }
    ReturnOptions wanted = command.returnOptions();
    if (!wanted.logprobs() && wanted.topLogprobCount() == 0) {
      return new NewToken(tokenId, text, OptionalDouble.empty(), List.of());
    }
    Logits logits = logits(output);
    double partition = Sampler.logPartition(logits);
    return new NewToken(
        tokenId,
        text,
        wanted.logprobs()
            ? OptionalDouble.of(logits.get(tokenId) - partition)
            : OptionalDouble.empty(),
        Sampler.top(logits, wanted.topLogprobCount(), partition));
  }

  /** Empty while the answer goes on. */
  Optional<Reason> reason() {
    return Optional.ofNullable(reason);
  }

  int tokenCount() {
    return tokenCount;
  }

  /** Text held back until the end, which may still hold a stop string. */
  String finish() {
    String text = stopStrings.add(decoder.finish());
    if (stopStrings.found() && reason == Reason.MAX_NEW_TOKENS) {
      reason = Reason.STOP_STRING;
    }
    return text + stopStrings.finish();
  }

  private boolean isStopToken(int tokenId) {
    return command.stop().stopTokenIds().contains(tokenId)
        || (!command.stop().ignoreEos() && model.eosTokenIds().contains(tokenId));
  }

  static Logits logits(StepOutput output) {
    return output
        .logits()
        .orElseThrow(() -> new IllegalStateException("the step was run without logits"));
  }
}
