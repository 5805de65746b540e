package ai.cacheblend.orchestrator.cli;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import ai.cacheblend.orchestrator.client.GenerateCall;
import ai.cacheblend.orchestrator.plan.ArmDefaults;
import ai.cacheblend.orchestrator.plan.ArmJson;
import ai.cacheblend.orchestrator.plan.Defaults;
import ai.cacheblend.orchestrator.plan.JsonFields;
import ai.cacheblend.orchestrator.plan.PlanException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.collect.Sets;
import com.google.common.primitives.ImmutableIntArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Reads the request of {@code generate}.
 *
 * <pre>
 * segments     [{token_ids: [int] | text, cache: bool}]
 * max_tokens   tokens to generate (default 1)
 * temperature, top_p, seed   sampling (default greedy); seed also draws random rows
 * stop         [text]
 * stop_at_eos  end at the model's end-of-sequence tokens (default false)
 * </pre>
 *
 * Also the fields of an arm, see {@link ArmJson}.
 */
final class RequestFile {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();
  private static final Set<String> FIELDS =
      Sets.union(
          ArmJson.fields(),
          Set.of("segments", "max_tokens", "temperature", "top_p", "seed", "stop", "stop_at_eos"));
  private static final Set<String> SEGMENT_FIELDS = Set.of("token_ids", "text", "cache");

  private final JsonFields request;

  private RequestFile(JsonFields request) {
    this.request = request;
  }

  /** Reads {@code file}; {@link PlanException} describes the file and the error. */
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
    long maxTokens = request.integer("max_tokens", Defaults.REQUEST_MAX_NEW_TOKENS);
    require(
        maxTokens >= 1 && maxTokens <= Integer.MAX_VALUE,
        "max_tokens is " + maxTokens + "; use 1 or more");
    return new PromptRequest(
        segments(),
        ArmJson.read(request, ArmDefaults.seed(Defaults.SEED)),
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
    return new GenerateCall.Sampling(temperature, topP, request.integer("seed", Defaults.SEED));
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
}
