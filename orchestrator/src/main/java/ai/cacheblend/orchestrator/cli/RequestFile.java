package ai.cacheblend.orchestrator.cli;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import ai.cacheblend.orchestrator.client.GenerateCall;
import ai.cacheblend.orchestrator.plan.Arm;
import ai.cacheblend.orchestrator.plan.CheckStep;
import ai.cacheblend.orchestrator.plan.PlanException;
import ai.cacheblend.orchestrator.plan.Selector;
import ai.cacheblend.orchestrator.records.JsonFields;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.primitives.ImmutableIntArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads the request of {@code generate}.
 *
 * <pre>
 * segments         [{token_ids: [int] | text, cache: bool}]
 * method           full_prefill | full_kv_reuse | cacheblend
 * recompute_ratio  share of the cached rows that cacheblend recomputes (default 0.15)
 * check_layer      layer whose fresh and cached KV are compared (default 1)
 * schedule         instead of the two: {layer: share}
 * deviation        v | k (default v)
 * selector         deviation | chunk-head | random (default deviation)
 * max_tokens       tokens to produce (default 1)
 * temperature, top_p, seed   sampling (default greedy); seed also draws random rows
 * stop             [text]
 * stop_at_eos      end at the model's end-of-sequence tokens (default false)
 * </pre>
 */
final class RequestFile {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();
  private static final double DEFAULT_RATIO = 0.15;
  private static final Set<String> FIELDS =
      Set.of(
          "segments",
          "method",
          "recompute_ratio",
          "check_layer",
          "schedule",
          "deviation",
          "selector",
          "max_tokens",
          "temperature",
          "top_p",
          "seed",
          "stop",
          "stop_at_eos");
  private static final Set<String> SEGMENT_FIELDS = Set.of("token_ids", "text", "cache");

  private final JsonFields request;

  private RequestFile(JsonFields request) {
    this.request = request;
  }

  /** Reads {@code file}; {@link PlanException} names the file and what is wrong in it. */
  static PromptRequest read(Path file) {
    try {
      return parse(MAPPER.readTree(Files.readString(file)));
    } catch (JsonProcessingException e) {
      throw new PlanException(
          "INVALID_ARGUMENT: " + file + ": not JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new PlanException(
          file + (Files.exists(file) ? ": cannot be read: " + e.getMessage() : " does not exist"));
    } catch (PlanException e) {
      throw new PlanException("INVALID_ARGUMENT: " + file + ": " + e.getMessage());
    }
  }

  static PromptRequest parse(JsonNode json) {
    return new RequestFile(new JsonFields("request", json, FIELDS)).request();
  }

  private PromptRequest request() {
    long maxTokens = request.integer("max_tokens", 1);
    require(
        maxTokens >= 1 && maxTokens <= Integer.MAX_VALUE,
        "max_tokens is " + maxTokens + "; use 1 or more");
    return new PromptRequest(
        segments(),
        arm(),
        (int) maxTokens,
        sampling(),
        request.strings("stop"),
        request.bool("stop_at_eos", false));
  }

  private GenerateCall.Sampling sampling() {
    double temperature = request.number("temperature", 0);
    double topP = request.number("top_p", 1);
    require(temperature >= 0, "temperature is " + temperature + "; use 0 (greedy) or more");
    require(topP > 0 && topP <= 1, "top_p is " + topP + "; use more than 0, at most 1");
    return new GenerateCall.Sampling(temperature, topP, request.integer("seed", 0));
  }

  private List<PromptRequest.Segment> segments() {
    List<PromptRequest.Segment> segments = new ArrayList<>();
    for (JsonNode element : request.elements("segments")) {
      String name = "segments[" + segments.size() + "]";
      JsonFields fields = new JsonFields(name, element, SEGMENT_FIELDS);
      require(
          fields.has("text") != fields.has("token_ids"), name + " needs either token_ids or text");
      String text = fields.has("text") ? fields.string("text", "") : "";
      ImmutableIntArray ids = fields.has("text") ? ImmutableIntArray.of() : fields.ids("token_ids");
      boolean cached = fields.bool("cache", false);
      if (!text.isEmpty() || !ids.isEmpty()) {
        segments.add(new PromptRequest.Segment(text, ids, cached));
      } else {
        require(!cached, name + " is empty; a chunk needs at least one token");
      }
    }
    require(!segments.isEmpty(), "segments is empty; a prompt needs at least one token");
    return segments;
  }

  private Arm arm() {
    String method = request.string("method", "");
    return switch (method) {
      case "full_prefill" -> new Arm.FullPrefill();
      case "full_kv_reuse" -> new Arm.FullKvReuse();
      case "cacheblend" -> new Arm.CacheBlend(selector());
      default ->
          throw new PlanException(
              "method is '" + method + "'; use full_prefill, full_kv_reuse or cacheblend");
    };
  }

  private Selector selector() {
    String selector = request.string("selector", "deviation");
    return switch (selector) {
      case "deviation" -> new Selector.Deviation(tensor(), schedule());
      case "chunk-head" -> new Selector.ChunkHeadShare(ratio());
      case "random" -> new Selector.RandomRows(ratio(), request.integer("seed", 0));
      default ->
          throw new PlanException(
              "selector is '" + selector + "'; use deviation, chunk-head or random");
    };
  }

  private Selector.Tensor tensor() {
    String deviation = request.string("deviation", "v");
    return switch (deviation) {
      case "v" -> Selector.Tensor.VALUE;
      case "k" -> Selector.Tensor.KEY;
      default -> throw new PlanException("deviation is '" + deviation + "'; use v or k");
    };
  }

  private double ratio() {
    return request.number("recompute_ratio", DEFAULT_RATIO);
  }

  private List<CheckStep> schedule() {
    if (!request.has("schedule")) {
      return List.of(new CheckStep(layer(request.integer("check_layer", 1)), ratio()));
    }
    require(
        !request.has("recompute_ratio") && !request.has("check_layer"),
        "schedule replaces recompute_ratio and check_layer; leave them out");
    List<CheckStep> steps = new ArrayList<>();
    for (Map.Entry<String, JsonNode> entry : request.object("schedule").properties()) {
      require(
          entry.getKey().matches("-?\\d{1,9}") && entry.getValue().isNumber(),
          "schedule has '" + entry.getKey() + "': " + entry.getValue() + "; write LAYER: SHARE");
      steps.add(
          new CheckStep(layer(Long.parseLong(entry.getKey())), entry.getValue().doubleValue()));
    }
    steps.sort(Comparator.comparingInt(CheckStep::layer));
    return steps;
  }

  private static int layer(long layer) {
    require(layer == (int) layer, "check_layer is " + layer + "; use one of the model's layers");
    return (int) layer;
  }
}
