package ai.cacheblend.orchestrator.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** The right answers of a record. */
final class References {
  private References() {}

  /**
   * The texts of a list, or of a list of lists, of which the first of each counts, as in the
   * original CacheBlend scripts.
   */
  static List<String> of(DataRecord record, String field) {
    List<String> references = new ArrayList<>();
    for (JsonNode answer : record.list(field)) {
      JsonNode first = answer.isArray() ? answer.path(0) : answer;
      if (!first.isTextual()) {
        throw record.wrong(
            field, record.fields().path(field), "texts, or lists whose first element is a text");
      }
      if (!first.textValue().isBlank()) {
        references.add(first.textValue());
      }
    }
    if (references.isEmpty()) {
      throw record.wrong(field, record.fields().path(field), "an answer that is not blank");
    }
    return references;
  }
}
