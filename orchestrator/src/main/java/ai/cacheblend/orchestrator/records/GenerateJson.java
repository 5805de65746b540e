package ai.cacheblend.orchestrator.records;

import ai.cacheblend.orchestrator.client.CollectedChunk;
import ai.cacheblend.orchestrator.client.GenerateResult;
import ai.cacheblend.orchestrator.client.LayerScores;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** The answer to one prompt as JSON. */
public final class GenerateJson {
  private GenerateJson() {}

  /** Tokens, recomputed rows with their scores, where chunks came from, and durations. */
  public static ObjectNode of(String worker, List<CollectedChunk> chunks, GenerateResult result) {
    ObjectNode json = Json.object();
    json.set("token_ids", Json.ints(result.tokenIds().asList()));
    ArrayNode logprobs = json.putArray("logprobs");
    result.logprobs().forEach(logprob -> logprobs.add(Json.number(logprob)));
    ArrayNode top = json.putArray("first_logits_top5");
    for (GenerateResult.TokenValue value : result.firstTopLogits()) {
      top.addArray().add(value.tokenId()).add(value.value());
    }
    json.set("recomputed_positions", Json.ints(result.activePositions()));
    ObjectNode scores = json.putObject("check_scores");
    for (LayerScores layer : result.layerScores()) {
      ArrayNode rows = scores.putArray(Integer.toString(layer.layer()));
      layer.rows().forEach(row -> rows.addArray().add(row.position()).add(row.score()));
    }
    json.put("text", result.text());
    json.put("reason", result.reason());
    json.put("new_tokens", result.newTokenCount());
    json.set("rows", AnswerJson.rows(result.rows()));
    AnswerJson.writeSources(json, result);
    json.set("seconds", AnswerJson.seconds(result));
    ArrayNode collected = json.putArray("collected");
    for (CollectedChunk chunk : chunks) {
      ObjectNode of = collected.addObject();
      of.put("key", chunk.key());
      of.put("tokens", chunk.tokenCount());
      of.put("bytes", chunk.byteCount());
      of.put("hit", chunk.hit());
      of.set("worker_seconds", Json.seconds(chunk.computeNanos()));
    }
    json.put("worker", worker);
    return json;
  }
}
