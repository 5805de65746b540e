package ai.cacheblend.orchestrator.dataset;

import java.util.List;
import java.util.Set;

/**
 * One prompt and its references. The joined parts are the prompt without a BOS token.
 *
 * @param id stable: the item's own id where the data has one, otherwise its index (from 0) in the
 *     file
 * @param question the question or query alone, without the template's text
 * @param supporting indices of the parts that are documents which the answer needs; empty if the
 *     data does not name them
 * @param references at least one
 * @param type kind of item, as the data names it; may be empty
 * @param documentsLeftOut documents of the item that the prompt lacks, because it was too long
 */
public record QualitySample(
    String id,
    String question,
    List<PromptPart> parts,
    Set<Integer> supporting,
    List<String> references,
    String type,
    int documentsLeftOut) {
  public QualitySample {
    parts = List.copyOf(parts);
    supporting = Set.copyOf(supporting);
    references = List.copyOf(references);
    if (parts.isEmpty() || references.isEmpty()) {
      throw new IllegalArgumentException("Sample " + id + " needs parts and references");
    }
  }
}
