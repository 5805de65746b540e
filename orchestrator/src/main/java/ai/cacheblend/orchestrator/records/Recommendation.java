package ai.cacheblend.orchestrator.records;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/**
 * The answer to "which selector and ratio should I use, and is it safe?".
 *
 * @param arm the fastest arm that is shown to be safe; empty if there is none
 * @param chunkTokens chunk size of the arm, or of the best arm if none is safe
 * @param candidates arms and chunk sizes that were considered
 * @param sentence the answer with its evidence
 */
public record Recommendation(
    Optional<String> arm, int chunkTokens, int candidates, String sentence) {
  ObjectNode json() {
    ObjectNode json = Json.object();
    json.put("arm", arm.orElse(null));
    json.put("chunk_tokens", chunkTokens);
    json.put("candidates", candidates);
    json.put("sentence", sentence);
    return json;
  }

  static Recommendation read(JsonValue json) {
    return new Recommendation(
        json.findText("arm"),
        json.integer("chunk_tokens"),
        json.integer("candidates"),
        json.text("sentence"));
  }
}
