package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.client.PromptSegment;
import ai.cacheblend.orchestrator.client.WorkerClient;
import ai.cacheblend.orchestrator.dataset.PromptPart;
import ai.cacheblend.orchestrator.dataset.QualitySample;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Tokenizes samples, part by part, and prepends the BOS token if the model has one. Documents that
 * do not fit into the limit of the workers are omitted, from the middle.
 */
final class QualityPrompts {
  private final Fleet fleet;
  private final int maxNewTokens;
  private final OptionalInt chunkTokens;
  private final boolean hasPrefix;

  /** Token ids by text: few-shot examples occur in every prompt. */
  private final Map<String, ImmutableIntArray> known = new HashMap<>();

  QualityPrompts(Fleet fleet, QualityPlan plan) {
    this.fleet = fleet;
    this.maxNewTokens = plan.maxNewTokens();
    this.chunkTokens = plan.chunkTokens();
    this.hasPrefix = !(plan.prompt().start() + plan.prompt().prefix()).isEmpty();
  }

  /**
   * The prompt of a sample. It exceeds the limit of the workers only if it does so without
   * documents; a worker then rejects it, and the sample is invalid.
   */
  PreparedSample prepare(QualitySample sample) {
    learn(sample);
    List<PromptPart> parts = new ArrayList<>(sample.parts());
    leaveOutDocuments(parts);
    List<PromptSegment> segments = new ArrayList<>();
    fleet
        .bosTokenId()
        .ifPresent(bos -> segments.add(new PromptSegment(ImmutableIntArray.of(bos), false)));
    parts.forEach(part -> add(segments, part));
    return new PreparedSample(
        sample, segments, sample.documentsLeftOut() + sample.parts().size() - parts.size());
  }

  /** The parts are the prefix, if there is one, the documents, and the question. */
  private void leaveOutDocuments(List<PromptPart> parts) {
    int bosCount = fleet.bosTokenId().isPresent() ? 1 : 0;
    long limit = fleet.maxSequenceTokenCount() - (long) maxNewTokens - bosCount;
    long length = parts.stream().mapToLong(part -> known.get(part.text()).length()).sum();
    int first = hasPrefix ? 1 : 0;
    while (length > limit && parts.size() - 1 > first) {
      int documentCount = parts.size() - 1 - first;
      length -= known.get(parts.remove(first + documentCount / 2).text()).length();
    }
  }

  private void add(List<PromptSegment> segments, PromptPart part) {
    ImmutableIntArray ids = known.get(part.text());
    int step = part.cached() ? chunkTokens.orElse(ids.length()) : ids.length();
    for (int begin = 0; begin < ids.length(); begin += step) {
      segments.add(
          new PromptSegment(
              ids.subArray(begin, Math.min(begin + step, ids.length())), part.cached()));
    }
  }

  private void learn(QualitySample sample) {
    List<String> unknown =
        sample.parts().stream()
            .map(PromptPart::text)
            .distinct()
            .filter(text -> !known.containsKey(text))
            .toList();
    if (unknown.isEmpty()) {
      return;
    }
    WorkerClient tokenizer = fleet.first().client();
    List<ImmutableIntArray> ids = tokenizer.tokenize(unknown, false);
    for (int i = 0; i < unknown.size(); i++) {
      known.put(unknown.get(i), ids.get(i));
    }
  }
}
