package ai.cacheblend.integration;

import ai.cacheblend.proto.v1.Arm;
import ai.cacheblend.proto.v1.CacheBlend;
import ai.cacheblend.proto.v1.CheckStep;
import ai.cacheblend.proto.v1.ChunkHeadSelector;
import ai.cacheblend.proto.v1.DeviationAttentionSelector;
import ai.cacheblend.proto.v1.DeviationSelector;
import ai.cacheblend.proto.v1.FullKvReuse;
import ai.cacheblend.proto.v1.FullPrefill;
import ai.cacheblend.proto.v1.HeadAttentionSelector;
import ai.cacheblend.proto.v1.QueryAttentionSelector;
import ai.cacheblend.proto.v1.Segment;
import ai.cacheblend.proto.v1.TokenIdCodec;
import ai.cacheblend.proto.v1.TokenIds;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** The golden checkpoints and their reference answers. */
final class Golden {
  static final List<String> NAMES =
      List.of(
          "mistral-tiny",
          "llama-tiny-tied",
          "qwen2-tiny",
          "qwen3-tiny",
          "mistral-window-tiny",
          "llama3-rope-tiny",
          "linear-rope-tiny",
          "dynamic-rope-tiny",
          "yarn-rope-tiny",
          "phi3-tiny",
          "qwen2-window-tiny",
          "gemma2-tiny",
          "gemma3-tiny");

  /** Those with token ids of texts. */
  static final List<String> WITH_TEXTS = NAMES.subList(0, 3);

  /** Those with full prefills of Hugging Face transformers. */
  static final List<String> WITH_TRANSFORMERS_RUNS =
      NAMES.stream().filter(name -> WITH_TEXTS.contains(name) || NAMES.indexOf(name) >= 6).toList();

  /** Squared distances below this are rounding in fp32: the rows are equal. */
  static final double SCORE_OF_EQUAL_ROWS = 1e-6;

  private static final JsonMapper JSON = new JsonMapper();

  private Golden() {}

  static Path folder(String name) {
    try {
      return Path.of(Golden.class.getResource("/golden/" + name + "/config.json").toURI())
          .getParent();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static JsonNode read(String name, String file) {
    try {
      return JSON.readTree(folder(name).resolve(file).toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<Segment> segments(JsonNode request) {
    List<Segment> segments = new ArrayList<>();
    for (JsonNode segment : request.get("segments")) {
      segments.add(
          Segment.newBuilder()
              .setTokenIds(ids(segment.get("token_ids")))
              .setCached(segment.path("cache").asBoolean())
              .build());
    }
    return segments;
  }

  static TokenIds ids(JsonNode array) {
    int[] ids = new int[array.size()];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = array.get(i).asInt();
    }
    return TokenIdCodec.encode(ids);
  }

  /** Whether every compared row equals its cached one, so that the reference's choice is noise. */
  static boolean comparesEqualRowsOnly(JsonNode result) {
    for (JsonNode layer : result.get("check_scores")) {
      for (JsonNode score : layer) {
        if (score.get(1).asDouble() > SCORE_OF_EQUAL_ROWS) {
          return false;
        }
      }
    }
    return !result.get("check_scores").isEmpty();
  }

  static List<Integer> integers(JsonNode array) {
    List<Integer> values = new ArrayList<>();
    array.forEach(value -> values.add(value.asInt()));
    return values;
  }

  /** One column of an array of arrays. */
  static List<Integer> integers(JsonNode array, int column) {
    List<Integer> values = new ArrayList<>();
    array.forEach(row -> values.add(row.get(column).asInt()));
    return values;
  }

  static Arm arm(JsonNode request) {
    return switch (request.get("method").asText()) {
      case "full_prefill" ->
          Arm.newBuilder().setFullPrefill(FullPrefill.getDefaultInstance()).build();
      case "full_kv_reuse" ->
          Arm.newBuilder().setFullKvReuse(FullKvReuse.getDefaultInstance()).build();
      case "cacheblend" -> Arm.newBuilder().setCacheblend(blend(request)).build();
      default -> throw new IllegalArgumentException(request.get("method").asText());
    };
  }

  private static CacheBlend.Builder blend(JsonNode request) {
    double ratio = request.path("recompute_ratio").asDouble(0.15);
    List<Integer> layers = integers(request.path("attn_layers"));
    CacheBlend.Builder blend = CacheBlend.newBuilder();
    return switch (request.path("selector").asText("deviation")) {
      case "deviation" -> blend.setDeviation(deviation(request));
      case "chunk-head" ->
          blend.setChunkHead(ChunkHeadSelector.newBuilder().setRecomputeRatio(ratio));
      case "query-attn" ->
          blend.setQueryAttention(
              QueryAttentionSelector.newBuilder()
                  .setRecomputeRatio(ratio)
                  .setExpand(request.path("expand").asBoolean())
                  .addAllAttentionLayers(layers));
      case "head-attn" ->
          blend.setHeadAttention(
              HeadAttentionSelector.newBuilder()
                  .setRecomputeRatio(ratio)
                  .addAllAttentionLayers(layers));
      case "deviation-x-attn" ->
          blend.setDeviationAttention(
              DeviationAttentionSelector.newBuilder()
                  .setDeviation(deviation(request))
                  .addAllAttentionLayers(layers));
      default -> throw new IllegalArgumentException(request.get("selector").asText());
    };
  }

  private static DeviationSelector deviation(JsonNode request) {
    DeviationSelector.Builder selector =
        DeviationSelector.newBuilder()
            .setTensor(
                request.path("deviation").asText("v").equals("k")
                    ? DeviationSelector.Tensor.TENSOR_KEY
                    : DeviationSelector.Tensor.TENSOR_VALUE);
    TreeMap<Integer, Double> schedule = new TreeMap<>();
    if (request.has("schedule")) {
      request
          .get("schedule")
          .properties()
          .forEach(
              entry -> schedule.put(Integer.valueOf(entry.getKey()), entry.getValue().asDouble()));
    } else {
      schedule.put(
          request.path("check_layer").asInt(1), request.path("recompute_ratio").asDouble(0.15));
    }
    schedule.forEach(
        (layer, share) ->
            selector.addSchedule(CheckStep.newBuilder().setLayer(layer).setShare(share)));
    return selector.build();
  }
}
