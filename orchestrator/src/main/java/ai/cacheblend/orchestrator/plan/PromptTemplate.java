package ai.cacheblend.orchestrator.plan;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Construction of prompts, and truncation and scoring of answers. A prompt is {@code start +
 * prefix}, one part per document, then {@code question + end}. All parts but the last are cached.
 *
 * @param start chat wrapper before the prefix, such as {@code [INST]}; may be empty
 * @param prefix may be empty
 * @param document contains {@code {text}}; optionally {@code {title}} and {@code {number}}, from 1
 * @param question contains {@code {question}}, or {@code {query}}: the question with its first
 *     letter in lower case and a question mark at its end
 * @param end chat wrapper after the question; may be empty
 * @param fewShot only required for dialogue data
 * @param maxNewTokens maximum answer length in tokens
 * @param stopStrings each ends an answer
 * @param firstLineOnly only the first non-empty line of an answer is scored
 * @param chatTemplate where {@code start} and {@code end} come from, if they were rendered from a
 *     chat template
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
    boolean firstLineOnly,
    Optional<String> chatTemplate) {

  /**
   * Prompts for dialogues: other items of the data are examples, one per document, and the dialogue
   * to summarise is the question.
   *
   * @param example contains {@code {dialogue}} and {@code {summary}}
   * @param query contains {@code {dialogue}}
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
        "stop contains an empty string, which would end every answer; remove it");
  }

  /** A copy with another maximum answer length. */
  public PromptTemplate withMaxNewTokens(int count) {
    return new PromptTemplate(
        start,
        prefix,
        document,
        question,
        end,
        fewShot,
        count,
        stopStrings,
        metric,
        firstLineOnly,
        chatTemplate);
  }

  /** Whether the template contains a chat wrapper. */
  public boolean hasWrapper() {
    return !start.isEmpty() || !end.isEmpty();
  }

  /**
   * The same with another chat wrapper.
   *
   * @param trimmed whether white space around the prompt's text is removed
   * @param source where the wrapper comes from
   */
  public PromptTemplate wrapped(String before, String after, boolean trimmed, String source) {
    return new PromptTemplate(
        before,
        trimmed ? prefix.stripLeading() : prefix,
        document,
        trimmed ? question.stripTrailing() : question,
        after,
        fewShot,
        maxNewTokens,
        stopStrings,
        metric,
        firstLineOnly,
        Optional.of(source));
  }
}
