package ai.cacheblend.orchestrator.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.base.Splitter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** MuSiQue's own format; questions marked as not answerable are left out. */
final class MusiqueFormat implements ItemFormat {
  @Override
  public String description() {
    return "MuSiQue (paragraphs [{title, paragraph_text}], question, answer, answer_aliases)";
  }

  @Override
  public boolean matches(ObjectNode fields) {
    return fields.has("paragraphs");
  }

  @Override
  public Optional<String> datasetName(ObjectNode fields) {
    return Optional.of("musique");
  }

  @Override
  public Item read(DataRecord record) {
    if (!record.fields().path("answerable").asBoolean(true)) {
      throw new UnusableItemException("marked as not answerable");
    }
    List<Item.Document> documents = new ArrayList<>();
    for (JsonNode paragraph : record.list("paragraphs")) {
      String path = "paragraphs[" + documents.size() + "]";
      documents.add(
          new Item.Document(
              record.textIfPresent(paragraph, "title", path + ".title").map(String::strip),
              record.text(paragraph, "paragraph_text", path + ".paragraph_text").strip(),
              paragraph.path("is_supporting").asBoolean(false)));
    }
    Set<String> references = new LinkedHashSet<>();
    references.add(record.text("answer"));
    for (JsonNode alias : record.fields().path("answer_aliases")) {
      if (alias.isNull()) {
        continue;
      }
      if (!alias.isTextual()) {
        throw record.wrong("answer_aliases", alias, "a list of texts");
      }
      if (!alias.textValue().isBlank()) {
        references.add(alias.textValue());
      }
    }
    String id = record.id("id");
    return new Item.Question(
        id, documents, record.text("question"), List.copyOf(references), type(id));
  }

  /** Ids begin with the number of hops: {@code 2hop__13548_13529}. */
  private static String type(String id) {
    String head = Splitter.on("__").splitToList(id).get(0);
    return head.matches("\\dhop\\d?") ? head : "";
  }
}
