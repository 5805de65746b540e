package ai.cacheblend.orchestrator.dataset;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;

/**
 * 2WikiMultihopQA's own format, also HotpotQA's: {@code context} is a list of titles and their
 * sentences. Parquet files have a list of the titles and a list of their sentences instead.
 */
final class TwoWikiFormat implements ItemFormat {
  private static final JsonMapper MAPPER = new JsonMapper();

  @Override
  public String description() {
    return "2WikiMultihopQA and HotpotQA (_id, question, context [[title, [sentence]]] or"
        + " {title, sentences}, answer)";
  }

  @Override
  public boolean matches(ObjectNode fields) {
    return fields.has("context") && fields.has("question");
  }

  @Override
  public Optional<String> datasetName(ObjectNode fields) {
    // Only HotpotQA grades its questions.
    return Optional.of(fields.has("level") ? "hotpotqa" : "2wikimqa");
  }

  @Override
  public Item read(DataRecord record) {
    return new Item.Question(
        record.fields().has("_id") ? record.id("_id") : record.id("id"),
        documents(record),
        record.text("question"),
        List.of(record.text("answer")),
        record.textOrEmpty(record.fields(), "type", "type"));
  }

  private static List<Item.Document> documents(DataRecord record) {
    JsonNode context = context(record.present(record.fields(), "context", "context"));
    Set<String> supporting = supportingTitles(record.fields().path("supporting_facts"));
    List<Item.Document> documents = new ArrayList<>();
    for (JsonNode entry : context) {
      JsonNode sentences = entry.path(1);
      boolean usable = entry.path(0).isTextual() && sentences.isArray();
      StringJoiner text = new StringJoiner(" ");
      for (JsonNode sentence : sentences) {
        if (sentence.isNull()) {
          throw new UnusableItemException("field context[] has no text");
        }
        usable &= sentence.isTextual();
        text.add(sentence.asText().strip());
      }
      if (!usable) {
        throw record.wrong("context[" + documents.size() + "]", entry, "[title, [sentence, ...]]");
      }
      String title = entry.path(0).textValue().strip();
      documents.add(
          new Item.Document(Optional.of(title), text.toString(), supporting.contains(title)));
    }
    if (documents.isEmpty()) {
      throw record.wrong(
          "context", record.fields().path("context"), "a list of [title, [sentence, ...]]");
    }
    return documents;
  }

  /** From {@code [[title, sentence]]}, or one list per column; some copies hold a JSON text. */
  private static Set<String> supportingTitles(JsonNode field) {
    Set<String> titles = new HashSet<>();
    JsonNode facts = field.isTextual() ? parsed(field) : field;
    if (facts.isObject()) {
      facts.path("title").forEach(title -> titles.add(title.asText().strip()));
    } else {
      facts.forEach(fact -> titles.add(fact.path(0).asText().strip()));
    }
    return titles;
  }

  /** From one list per column to one list per document. */
  private static JsonNode pairs(JsonNode titles, JsonNode sentences) {
    if (!titles.isArray() || !sentences.isArray() || titles.size() != sentences.size()) {
      return MissingNode.getInstance();
    }
    ArrayNode pairs = MAPPER.createArrayNode();
    for (int i = 0; i < titles.size(); i++) {
      pairs.addArray().add(titles.get(i)).add(sentences.get(i));
    }
    return pairs;
  }

  /** Some copies hold the list as a JSON text. */
  private static JsonNode context(JsonNode field) {
    if (field.isObject()) {
      return pairs(field.path("title"), field.path(field.has("content") ? "content" : "sentences"));
    }
    if (!field.isTextual()) {
      return field.isArray() ? field : MissingNode.getInstance();
    }
    JsonNode parsed = parsed(field);
    return parsed.isArray() ? parsed : MissingNode.getInstance();
  }

  private static JsonNode parsed(JsonNode text) {
    try {
      return MAPPER.readTree(text.textValue());
    } catch (JsonProcessingException e) {
      return MissingNode.getInstance();
    }
  }
}
