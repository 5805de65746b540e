package ai.cacheblend.integration;

import ai.cacheblend.proto.v1.Arm;
import ai.cacheblend.proto.v1.FullPrefill;
import ai.cacheblend.proto.v1.Segment;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A prompt and its reference answer.
 *
 * @param logprobs of the tokens
 * @param firstLogprobs of the five most probable first tokens, by id
 * @param positions rows computed to the last layer; empty for full prefill
 * @param equalRows see {@link Golden#comparesEqualRowsOnly}
 */
record GoldenCase(
    List<Segment> segments,
    Arm arm,
    List<Integer> tokenIds,
    List<Double> logprobs,
    Map<Integer, Double> firstLogprobs,
    List<Integer> positions,
    boolean equalRows) {
  private static final Arm FULL_PREFILL =
      Arm.newBuilder().setFullPrefill(FullPrefill.getDefaultInstance()).build();
  private static final int FIRST_LOGITS = 5;

  /** The cases of {@code blend.json} and, if it exists, of {@code reference.json}. */
  static List<GoldenCase> fullPrefills(String name) {
    List<GoldenCase> cases = new ArrayList<>(ofBlendFile(name, true));
    if (Golden.WITH_TRANSFORMERS_RUNS.contains(name)) {
      Golden.read(name, "reference.json").get("runs").forEach(run -> cases.add(ofRun(run)));
    }
    return cases;
  }

  /** With full KV reuse and with cacheblend. */
  static List<GoldenCase> blends(String name) {
    return ofBlendFile(name, false);
  }

  private static List<GoldenCase> ofBlendFile(String name, boolean fullPrefill) {
    List<GoldenCase> cases = new ArrayList<>();
    for (JsonNode entry : Golden.read(name, "blend.json")) {
      JsonNode request = entry.get("request");
      Arm arm = Golden.arm(request);
      if (arm.hasFullPrefill() == fullPrefill) {
        cases.add(ofBlend(Golden.segments(request), arm, entry.get("result")));
      }
    }
    return cases;
  }

  private static GoldenCase ofBlend(List<Segment> segments, Arm arm, JsonNode result) {
    Map<Integer, Double> logits = new LinkedHashMap<>();
    result
        .get("first_logits_top5")
        .forEach(logit -> logits.put(logit.get(0).asInt(), logit.get(1).asDouble()));
    List<Double> logprobs = doubles(result.get("logprobs"));
    List<Integer> tokenIds = Golden.integers(result.get("token_ids"));
    return new GoldenCase(
        segments,
        arm,
        tokenIds,
        logprobs,
        normalized(logits, tokenIds.get(0), logprobs.get(0)),
        Golden.integers(result.get("recomputed_positions")),
        Golden.comparesEqualRowsOnly(result));
  }

  private static GoldenCase ofRun(JsonNode run) {
    List<Double> all = doubles(run.get("last_logits"));
    Map<Integer, Double> logits = new LinkedHashMap<>();
    IntStream.range(0, all.size())
        .boxed()
        .sorted(Comparator.comparing(all::get, Comparator.reverseOrder()))
        .limit(FIRST_LOGITS)
        .forEach(id -> logits.put(id, all.get(id)));
    Segment prompt =
        Segment.newBuilder().setTokenIds(Golden.ids(run.get("prompt_token_ids"))).build();
    List<Double> logprobs = doubles(run.get("greedy_logprobs"));
    List<Integer> tokenIds = Golden.integers(run.get("greedy_token_ids"));
    return new GoldenCase(
        List.of(prompt),
        FULL_PREFILL,
        tokenIds,
        logprobs,
        normalized(logits, tokenIds.get(0), logprobs.get(0)),
        List.of(),
        false);
  }

  /** Logits to log-probabilities, by the log-probability of one of them. */
  private static Map<Integer, Double> normalized(
      Map<Integer, Double> logits, int tokenId, double logprob) {
    double normalizer = logits.get(tokenId) - logprob;
    Map<Integer, Double> logprobs = new LinkedHashMap<>();
    logits.forEach((id, logit) -> logprobs.put(id, logit - normalizer));
    return logprobs;
  }

  private static List<Double> doubles(JsonNode array) {
    return Stream.of(array).flatMap(JsonNode::valueStream).map(JsonNode::asDouble).toList();
  }
}
