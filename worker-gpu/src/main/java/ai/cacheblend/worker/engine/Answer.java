package ai.cacheblend.worker.engine;

import ai.cacheblend.worker.engine.GenerateResult.Reason;
import ai.cacheblend.worker.model.Logits;
import ai.cacheblend.worker.model.ModelFailureException;
import ai.cacheblend.worker.model.ModelProfile;
import ai.cacheblend.worker.model.SequenceResult;
import ai.cacheblend.worker.model.TextCodec;
import ai.cacheblend.worker.model.TokenStreamDecoder;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** Turns the result of each step into a token and its text, and detects the end of the answer. */
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

  boolean needsLogits() {
    ReturnOptions options = command.returnOptions();
    return !command.sampling().isGreedy() || options.logprobs() || options.topLogprobCount() > 0;
  }

  /** Chooses the next token. The answer belongs to the calling thread until this returns. */
  NewToken next(SequenceResult step) {
    return accept(choose(step), step);
  }

  private int choose(SequenceResult step) {
    if (!command.sampling().isGreedy()) {
      return sampler.draw(logits(step));
    }
    if (step.nextTokenId() == SequenceResult.NO_TOKEN) {
      throw new ModelFailureException("the model's logits are not numbers (NaN)");
    }
    return step.nextTokenId();
  }

  private NewToken accept(int tokenId, SequenceResult step) {
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
    ReturnOptions options = command.returnOptions();
    if (!options.logprobs() && options.topLogprobCount() == 0) {
      return new NewToken(tokenId, text, OptionalDouble.empty(), List.of());
    }
    Logits logits = logits(step);
    double partition = LogPartition.of(logits);
    return new NewToken(
        tokenId,
        text,
        options.logprobs()
            ? OptionalDouble.of(logits.get(tokenId) - partition)
            : OptionalDouble.empty(),
        TopTokens.of(logits, options.topLogprobCount(), partition));
  }

  /** Empty until the answer ends. */
  Optional<Reason> reason() {
    return Optional.ofNullable(reason);
  }

  int tokenCount() {
    return tokenCount;
  }

  /** Text that was held back until the end. It can contain a stop string. */
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

  static Logits logits(SequenceResult step) {
    return step.logits()
        .orElseThrow(() -> new IllegalStateException("the step did not return logits"));
  }
}
