package ai.cacheblend.worker.engine;

import ai.cacheblend.worker.blend.Arm;
import ai.cacheblend.worker.blend.Selector;
import ai.cacheblend.worker.model.ModelProfile;
import com.google.common.primitives.ImmutableIntArray;
import com.google.errorprone.annotations.FormatMethod;
import java.util.List;

/** Everything that can be refused without running: cheap, and before a request waits. */
final class RequestValidator {
  private final ModelProfile model;
  private final int maxSequenceTokenCount;

  RequestValidator(ModelProfile model, int maxSequenceTokenCount) {
    this.model = model;
    this.maxSequenceTokenCount = maxSequenceTokenCount;
  }

  void validate(GenerateCommand command) {
    validate(command.prompt(), command.maxNewTokens());
    validate(command.arm());
    requireInVocabulary("stop_token_ids", ImmutableIntArray.copyOf(command.stop().stopTokenIds()));
  }

  void validate(CheckCommand command) {
    validate(command.prompt(), 0);
    validate(command.arm());
  }

  void validateChunks(List<ImmutableIntArray> chunks) {
    if (chunks.isEmpty()) {
      throw invalid("chunks is empty; give at least one");
    }
    int bosCount = model.bosTokenId().isPresent() ? 1 : 0;
    for (int i = 0; i < chunks.size(); i++) {
      ImmutableIntArray chunk = chunks.get(i);
      if (chunk.isEmpty()) {
        throw invalid("chunks[%d] has no tokens; give at least one", i);
      }
      if (chunk.length() + bosCount > maxSequenceTokenCount) {
        throw invalid(
            "chunks[%d] has %d tokens; give at most %d, or %s",
            i, chunk.length(), maxSequenceTokenCount - bosCount, longerSequences());
      }
      requireInVocabulary("chunks[" + i + "]", chunk);
    }
  }

  private void validate(Prompt prompt, int maxNewTokens) {
    long tokenCount = prompt.tokenCount();
    if (tokenCount == 0) {
      throw invalid("segments hold no tokens; give a prompt of at least one");
    }
    if (tokenCount + maxNewTokens > maxSequenceTokenCount) {
      throw invalid(
          "the prompt has %d tokens and max_new_tokens is %d, together more than the %d that one request may have;"
              + " shorten them, or %s",
          tokenCount, maxNewTokens, maxSequenceTokenCount, longerSequences());
    }
    for (int i = 0; i < prompt.segments().size(); i++) {
      Prompt.Segment segment = prompt.segments().get(i);
      if (segment.cached() && segment.tokenIds().isEmpty()) {
        throw invalid("segments[%d] is cached but has no tokens; leave it out", i);
      }
      requireInVocabulary("segments[" + i + "]", segment.tokenIds());
    }
  }

  private void validate(Arm arm) {
    if (arm instanceof Arm.CacheBlend blend
        && blend.selector() instanceof Selector.Deviation deviation) {
      for (Selector.CheckStep step : deviation.schedule()) {
        if (!model.checkLayers().contains(step.layer())) {
          throw invalid(
              "schedule layer %d is none of the model's check layers %s; give one of them, or start the worker with"
                  + " --check-layers %d",
              step.layer(), model.checkLayers(), step.layer());
        }
      }
    }
  }

  void requireInVocabulary(String field, ImmutableIntArray ids) {
    int vocabularySize = model.vocabularySize();
    // A first token waits for this; over a plain array it takes half the time.
    for (int id : ids.toArray()) {
      if (id < 0 || id >= vocabularySize) {
        throw invalid(
            "%s holds token id %s; ids of this model are 0 to %d",
            field, Integer.toUnsignedString(id), vocabularySize - 1);
      }
    }
  }

  private String longerSequences() {
    return maxSequenceTokenCount < model.maxPositionCount()
        ? "start the worker with a larger --kv-memory (the model goes up to "
            + model.maxPositionCount()
            + ")"
        : "use a model with more positions";
  }

  @FormatMethod
  private static WorkerException invalid(String format, Object... arguments) {
    return new WorkerException(FailureKind.INVALID_REQUEST, String.format(format, arguments));
  }
}
