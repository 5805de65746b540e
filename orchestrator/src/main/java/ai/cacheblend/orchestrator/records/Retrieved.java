package ai.cacheblend.orchestrator.records;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Retrieval of one sample's chunks.
 *
 * @param candidates chunks of all documents
 * @param supporting documents that the answer needs; 0 if the data does not name them
 * @param found those of them with at least one chunk in the prompt
 */
public record Retrieved(int candidates, int supporting, int found) {

  ObjectNode json() {
    ObjectNode json = Json.object();
    json.put("candidates", candidates);
    json.put("supporting", supporting);
    json.put("found", found);
    return json;
  }

  static Retrieved read(JsonValue json) {
    return new Retrieved(
        json.integer("candidates"), json.integer("supporting"), json.integer("found"));
  }
}
