package ai.cacheblend.orchestrator.dataset;

import java.util.List;

/**
 * One prompt and the answers that count as right. The parts joined are the whole prompt, without a
 * BOS token.
 *
 * @param id stable: the item's own id where the data has one, otherwise its index (from 0) in the
 *     file
 * @param references at least one
 * @param type what kind of item it is, as the data says; empty where it does not
 */
public record QualitySample(
    String id, List<PromptPart> parts, List<String> references, String type) {
  public QualitySample {
    parts = List.copyOf(parts);
    references = List.copyOf(references);
    if (parts.isEmpty() || references.isEmpty()) {
      throw new IllegalArgumentException("Sample " + id + " needs parts and references");
    }
  }
}
