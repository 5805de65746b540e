package ai.cacheblend.orchestrator.dataset;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The words around the data. A prompt is {@code start + prefix}, one part per document, then {@code
 * question + end}; all but the last are cached.
 *
 * @param start chat wrapper before the prefix, such as {@code [INST]}; may be empty
 * @param prefix may be empty
 * @param document holds {@code {text}} and may hold {@code {title}}
 * @param question holds {@code {question}}
 * @param end chat wrapper after the question; may be empty
 * @param fewShot needed for data of dialogues and summaries only
 * @param firstLineOnly see {@link QualityTask#answer}
 */
public record PromptTemplate(
    String start,
    String prefix,
    String document,
    String question,
    String end,
    Optional<FewShot> fewShot,
    int maxNewTokens,
    List<String> stopStrings,
    MetricKind metric,
    boolean firstLineOnly) {
  public PromptTemplate {
    stopStrings = List.copyOf(stopStrings);
    Placeholders.check("document", document, Set.of("text"), Set.of("title"));
    Placeholders.check("question", question, Set.of("question"), Set.of());
    checkArgument(maxNewTokens >= 1, "maxNewTokens is %s; use 1 or more", maxNewTokens);
    checkArgument(
        stopStrings.stream().noneMatch(String::isEmpty),
        "stop holds an empty string, which would end every answer; remove it");
  }

  /**
   * How a dialogue becomes a prompt: other items of the data are the documents, as examples, and
   * the dialogue to summarise is the question.
   *
   * @param example holds {@code {dialogue}} and {@code {summary}}
   * @param query holds {@code {dialogue}}
   * @param count examples per prompt
   */
  public record FewShot(String example, String query, int count) {
    public FewShot {
      Placeholders.check("fewShot.example", example, Set.of("dialogue", "summary"), Set.of());
      Placeholders.check("fewShot.query", query, Set.of("dialogue"), Set.of());
      checkArgument(count >= 1, "fewShot.count is %s; use 1 or more", count);
    }
  }

  /** The template as the JSON that a prompt file holds. */
  public String toJson() {
    return PromptTemplates.write(this);
  }
}
