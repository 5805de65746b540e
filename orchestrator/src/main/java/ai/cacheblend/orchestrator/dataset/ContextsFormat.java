package ai.cacheblend.orchestrator.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The format of the original CacheBlend repository and of the embedded sets: documents under {@code
 * ctxs}.
 */
final class ContextsFormat implements ItemFormat {
  @Override
  public String description() {
    return "CacheBlend (ctxs [{title, text}], question, answers)";
  }

  @Override
  public boolean matches(ObjectNode fields) {
    return fields.has("ctxs");
  }

  @Override
  public Optional<String> datasetName(ObjectNode fields) {
    return Optional.empty();
  }

  @Override
  public Item read(DataRecord record) {
    List<Item.Document> documents = new ArrayList<>();
    for (JsonNode context : record.list("ctxs")) {
      String path = "ctxs[" + documents.size() + "]";
      documents.add(
          new Item.Document(
              record.textIfPresent(context, "title", path + ".title").map(String::strip),
              record.verbatim(context, "text", path + ".text")));
    }
    return new Item.Question(
        record.id("id"),
        documents,
        record.text("question"),
        References.of(record, "answers"),
        record.textOrEmpty(record.fields(), "type", "type"));
  }
}
