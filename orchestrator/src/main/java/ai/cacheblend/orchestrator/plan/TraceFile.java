package ai.cacheblend.orchestrator.plan;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.hash.Hashing;
import com.google.common.primitives.ImmutableIntArray;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A trace of requests in the format of Mooncake (R. Qin et al., "Mooncake: a KVCache-centric
 * disaggregated architecture for LLM serving", 2024): one JSON object per line.
 *
 * @param path absolute
 * @param sha256 of the file
 * @param requests by time
 */
public record TraceFile(String path, String sha256, List<Request> requests) {
  /** Tokens that a hash id stands for. */
  public static final int BLOCK_TOKENS = 512;

  private static final Set<String> FIELDS =
      Set.of("timestamp", "input_length", "output_length", "hash_ids");
  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /**
   * A request.
   *
   * @param millis since the start of the trace
   * @param inputTokens of the prompt
   * @param outputTokens of the answer
   * @param hashIds one per block of the prompt, the last of which may be partial; equal for equal
   *     blocks
   */
  public record Request(
      double millis, int inputTokens, int outputTokens, ImmutableIntArray hashIds) {}

  public TraceFile {
    requests = List.copyOf(requests);
  }

  /** Reads a trace. The exception names line, field and remedy. */
  public static TraceFile read(String path) {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(Path.of(path));
    } catch (IOException e) {
      throw new PlanException("trace " + path + " cannot be read: " + e);
    }
    List<Request> requests = new ArrayList<>();
    int number = 0;
    for (String line : new String(bytes, StandardCharsets.UTF_8).lines().toList()) {
      number++;
      if (!line.isBlank()) {
        String where = "trace " + path + " line " + number;
        double before = requests.isEmpty() ? 0 : requests.get(requests.size() - 1).millis;
        requests.add(request(where, line, before));
      }
    }
    require(requests.size() >= 2, "trace " + path + " has fewer than 2 requests; add some");
    return new TraceFile(
        Path.of(path).toAbsolutePath().normalize().toString(),
        Hashing.sha256().hashBytes(bytes).toString(),
        requests);
  }

  private static Request request(String where, String line, double before) {
    JsonFields json =
        new JsonFields(where, parse(where, line), FIELDS)
            .requiring("timestamp", "input_length", "output_length", "hash_ids");
    double millis = json.number("timestamp", 0);
    require(
        Double.isFinite(millis) && millis >= before,
        where + " field timestamp is " + millis + "; use " + before + " or more, sorted by time");
    int input = positive(where, json, "input_length");
    ImmutableIntArray ids = json.ids("hash_ids");
    int blocks = (input + BLOCK_TOKENS - 1) / BLOCK_TOKENS;
    require(
        ids.length() == blocks,
        where
            + " field hash_ids has "
            + ids.length()
            + " ids; give one for each of the "
            + blocks
            + " blocks of "
            + BLOCK_TOKENS
            + " tokens of input_length");
    return new Request(millis, input, positive(where, json, "output_length"), ids);
  }

  private static int positive(String where, JsonFields json, String name) {
    int count = json.count(name);
    require(count >= 1, where + " field " + name + " is 0; use 1 or more");
    return count;
  }

  private static JsonNode parse(String where, String line) {
    try {
      return MAPPER.readTree(line);
    } catch (JsonProcessingException e) {
      throw new PlanException(
          where
              + " is not JSON; write an object with timestamp, input_length, output_length and"
              + " hash_ids");
    }
  }

  /** Tokens of the longest answer. */
  public int maxOutputTokens() {
    return requests.stream().mapToInt(Request::outputTokens).max().orElseThrow();
  }
}
