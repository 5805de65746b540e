package ai.cacheblend.orchestrator.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** The references of a record. */
final class References {
  private References() {}

  /**
   * The texts of a list, or the first text of each list in a list, as in the original CacheBlend
   * scripts. Nulls and blank texts are not references.
   */
  static List<String> of(DataRecord record, String field) {
    List<String> references = new ArrayList<>();
    for (JsonNode answer : record.list(field)) {
      JsonNode first = answer.isArray() ? answer.path(0) : answer;
      if (first.isNull()) {
        continue;
      }
      if (!first.isTextual()) {
        throw record.wrong(
            field, record.fields().path(field), "texts, or lists whose first element is a text");
      }
      if (!first.textValue().isBlank()) {
        references.add(first.textValue());
      }
    }
    if (references.isEmpty()) {
      throw new UnusableItemException("field " + field + " is empty");
    }
    return references;
  }
}
