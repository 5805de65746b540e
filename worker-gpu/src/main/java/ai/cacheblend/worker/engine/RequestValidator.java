package ai.cacheblend.worker.engine;

import ai.cacheblend.worker.blend.Arm;
import ai.cacheblend.worker.blend.Selector;
import ai.cacheblend.worker.model.ModelProfile;
import com.google.common.primitives.ImmutableIntArray;
import com.google.errorprone.annotations.FormatMethod;
import java.util.List;

/** Validates requests before they enter the queue. */
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
      throw invalid("chunks is empty; send at least one chunk");
    }
    int bosCount = model.bosTokenId().isPresent() ? 1 : 0;
    for (int i = 0; i < chunks.size(); i++) {
      ImmutableIntArray chunk = chunks.get(i);
      if (chunk.isEmpty()) {
        throw invalid("chunks[%d] has no tokens; send at least one token", i);
      }
      if (chunk.length() + bosCount > maxSequenceTokenCount) {
        throw invalid(
            "chunks[%d] has %d tokens; send at most %d, or %s",
            i, chunk.length(), maxSequenceTokenCount - bosCount, longerSequences());
      }
      requireInVocabulary("chunks[" + i + "]", chunk);
    }
  }

  private void validate(Prompt prompt, int maxNewTokens) {
    long tokenCount = prompt.tokenCount();
    if (tokenCount == 0) {
      throw invalid("segments have no tokens; send at least one token");
    }
    if (tokenCount + maxNewTokens > maxSequenceTokenCount) {
      throw invalid(
          "the prompt has %d tokens and max_new_tokens is %d, but the limit for both together is %d;"
              + " reduce them, or %s",
          tokenCount, maxNewTokens, maxSequenceTokenCount, longerSequences());
    }
    for (int i = 0; i < prompt.segments().size(); i++) {
      Prompt.Segment segment = prompt.segments().get(i);
      if (segment.cached() && segment.tokenIds().isEmpty()) {
        throw invalid("segments[%d] is cached but has no tokens; remove it", i);
      }
      requireInVocabulary("segments[" + i + "]", segment.tokenIds());
    }
  }

  private void validate(Arm arm) {
    if (arm instanceof Arm.CacheBlend blend) {
      validate(blend.selector());
    }
  }

  private void validate(Selector selector) {
    for (int layer : selector.attentionLayers()) {
      if (layer >= model.layerCount()) {
        throw invalid(
            "attention_layers has layer %d; the model has layers 0 to %d",
            layer, model.layerCount() - 1);
      }
    }
    if (selector.comparison().isPresent()) {
      for (Selector.CheckStep step : selector.comparison().get().schedule()) {
        if (!model.checkLayers().contains(step.layer())) {
          throw invalid(
              "schedule layer %d is not one of the check layers %s; use one of them, or start the worker with"
                  + " --check-layers %d",
              step.layer(), model.checkLayers(), step.layer());
        }
      }
    }
  }

  void requireInVocabulary(String field, ImmutableIntArray ids) {
    int vocabularySize = model.vocabularySize();
    // Part of the time to first token; a plain array halves its cost.
    for (int id : ids.toArray()) {
      if (id < 0 || id >= vocabularySize) {
        throw invalid(
            "%s contains token id %s; valid ids are 0 to %d",
            field, Integer.toUnsignedString(id), vocabularySize - 1);
      }
    }
  }

  private String longerSequences() {
    return maxSequenceTokenCount < model.maxPositionCount()
        ? "start the worker with a larger --kv-memory (limit of the model: "
            + model.maxPositionCount()
            + ")"
        : "use a model with more positions";
  }

  @FormatMethod
  private static WorkerException invalid(String format, Object... arguments) {
    return new WorkerException(FailureKind.INVALID_REQUEST, String.format(format, arguments));
  }
}
