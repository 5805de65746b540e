package ai.cacheblend.orchestrator.plan;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How data becomes prompts, and how answers are cut and scored. A prompt is {@code start + prefix},
 * one part per document, then {@code question + end}; all but the last are cached.
 *
 * @param start chat wrapper before the prefix, such as {@code [INST]}; may be empty
 * @param prefix may be empty
 * @param document holds {@code {text}} and may hold {@code {title}} and {@code {number}}, from 1
 * @param question holds {@code {question}}, or {@code {query}}: the question with its first letter
 *     in lower case and a question mark at its end
 * @param end chat wrapper after the question; may be empty
 * @param fewShot required for data of dialogues and summaries only
 * @param maxNewTokens longest answer
 * @param stopStrings each ends an answer
 * @param firstLineOnly only the first line of an answer that is not empty is scored
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
      Placeholders.check("few_shot.example", example, Set.of("dialogue", "summary"), Set.of());
      Placeholders.check("few_shot.query", query, Set.of("dialogue"), Set.of());
      require(count >= 1, "few_shot.count is " + count + "; use 1 or more");
    }
  }

  public PromptTemplate {
    stopStrings = List.copyOf(stopStrings);
    Placeholders.check("document", document, Set.of("text"), Set.of("title", "number"));
    Placeholders.check(
        "question",
        question,
        Set.of(question.contains("{query}") ? "query" : "question"),
        Set.of("question", "query"));
    require(maxNewTokens >= 1, "max_new_tokens is " + maxNewTokens + "; use 1 or more");
    require(
        stopStrings.stream().noneMatch(String::isEmpty),
        "stop holds an empty string, which would end every answer; remove it");
  }

  /** The same with another limit of answers. */
  public PromptTemplate withMaxNewTokens(int count) {
    return new PromptTemplate(
        start, prefix, document, question, end, fewShot, count, stopStrings, metric, firstLineOnly);
  }
}
