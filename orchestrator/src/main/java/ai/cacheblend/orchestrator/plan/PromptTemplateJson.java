package ai.cacheblend.orchestrator.plan;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.Set;

/**
 * The JSON form of prompt templates, in files of {@code --prompt} and in plans. {@code start},
 * {@code prefix}, {@code end} and {@code few_shot} are optional.
 */
public final class PromptTemplateJson {
  private static final Set<String> FIELDS =
      Set.of(
          "start",
          "prefix",
          "document",
          "question",
          "end",
          "few_shot",
          "max_new_tokens",
          "stop",
          "metric",
          "first_line_only",
          "chat_template");
  private static final Set<String> FEW_SHOT_FIELDS = Set.of("example", "query", "count");

  private PromptTemplateJson() {}

  /**
   * Reads a template.
   *
   * @param where names the object in messages
   */
  public static PromptTemplate read(String where, JsonNode json) {
    JsonFields fields =
        new JsonFields(where, json, FIELDS)
            .requiring(
                "document", "question", "max_new_tokens", "stop", "metric", "first_line_only");
    return new PromptTemplate(
        fields.string("start", ""),
        fields.string("prefix", ""),
        fields.string("document", ""),
        fields.string("question", ""),
        fields.string("end", ""),
        fields.has("few_shot")
            ? Optional.of(fewShot(where, fields.object("few_shot")))
            : Optional.empty(),
        fields.count("max_new_tokens"),
        fields.strings("stop"),
        metric(fields.string("metric", "")),
        fields.bool("first_line_only", false),
        fields.has("chat_template")
            ? Optional.of(fields.string("chat_template", ""))
            : Optional.empty());
  }

  private static PromptTemplate.FewShot fewShot(String where, JsonNode json) {
    JsonFields fields =
        new JsonFields(where + " few_shot", json, FEW_SHOT_FIELDS)
            .requiring("example", "query", "count");
    return new PromptTemplate.FewShot(
        fields.string("example", ""), fields.string("query", ""), fields.count("count"));
  }

  private static MetricKind metric(String name) {
    return MetricKind.ofJson(name)
        .orElseThrow(
            () ->
                new PlanException(
                    "metric is '" + name + "'; use " + String.join(", ", MetricKind.jsonNames())));
  }

  /** Writes the form that {@link #read} reads. */
  public static ObjectNode write(PromptTemplate template) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("start", template.start());
    json.put("prefix", template.prefix());
    json.put("document", template.document());
    json.put("question", template.question());
    json.put("end", template.end());
    template
        .fewShot()
        .ifPresent(
            fewShot ->
                json.putObject("few_shot")
                    .put("example", fewShot.example())
                    .put("query", fewShot.query())
                    .put("count", fewShot.count()));
    json.put("max_new_tokens", template.maxNewTokens());
    template.stopStrings().forEach(json.putArray("stop")::add);
    json.put("metric", template.metric().jsonName());
    json.put("first_line_only", template.firstLineOnly());
    template.chatTemplate().ifPresent(source -> json.put("chat_template", source));
    return json;
  }
}
