package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.client.PromptSegment;
import ai.cacheblend.orchestrator.client.WorkerClient;
import ai.cacheblend.orchestrator.dataset.PromptPart;
import ai.cacheblend.orchestrator.dataset.QualitySample;
import ai.cacheblend.orchestrator.plan.PlanException;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Tokenizes samples, part by part, and prepends the BOS token if the model has one. */
final class QualityPrompts {
  private final Fleet fleet;
  private final int maxNewTokens;

  /** Token ids by text: few-shot examples occur in every prompt. */
  private final Map<String, ImmutableIntArray> known = new HashMap<>();

  QualityPrompts(Fleet fleet, int maxNewTokens) {
    this.fleet = fleet;
    this.maxNewTokens = maxNewTokens;
  }

  PreparedSample prepare(QualitySample sample) {
    learn(sample);
    List<PromptSegment> segments = new ArrayList<>();
    fleet
        .bosTokenId()
        .ifPresent(bos -> segments.add(new PromptSegment(ImmutableIntArray.of(bos), false)));
    for (PromptPart part : sample.parts()) {
      ImmutableIntArray ids = known.get(part.text());
      if (!ids.isEmpty()) {
        segments.add(new PromptSegment(ids, part.cached()));
      }
    }
    int length = PromptSegment.shapeOf(segments).promptTokenCount();
    int limit = fleet.maxSequenceTokenCount();
    PlanException.require(
        (long) length + maxNewTokens <= limit,
        "sample "
            + sample.id()
            + " has "
            + length
            + " tokens, with "
            + maxNewTokens
            + " new ones more than the worker's limit of "
            + limit
            + "; use --max-prompt-characters to leave documents out");
    return new PreparedSample(sample, segments);
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
