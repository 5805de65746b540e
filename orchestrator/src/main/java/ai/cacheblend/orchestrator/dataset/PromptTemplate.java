package ai.cacheblend.orchestrator.dataset;

import java.util.List;

/**
 * The words around the data. A prompt is {@code start + prefix}, one part per document, then {@code
 * question + end}; all but the last are cached.
 *
 * @param start chat wrapper before the prefix, such as {@code [INST]}; may be empty
 * @param document holds {@code {text}} and may hold {@code {title}}
 * @param example one few-shot example of {@code {dialogue}} and {@code {summary}}
 * @param question holds {@code {question}}
 * @param exampleCount few-shot examples per prompt, where the data has none of its own
 */
public record PromptTemplate(
    String name,
    String start,
    String prefix,
    String document,
    String example,
    String question,
    String end,
    int exampleCount,
    int maxNewTokens,
    List<String> stopStrings,
    MetricKind metric,
    boolean firstLineOnly) {
  public PromptTemplate {
    stopStrings = List.copyOf(stopStrings);
  }

  /** The template as the JSON that {@code --prompt FILE} reads. */
  public String toJson() {
    return toString();
  }
}
