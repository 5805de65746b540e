package ai.cacheblend.worker.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.primitives.ImmutableIntArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What the tokenizer's JSON files say beside the tokenization itself.
 *
 * @param bosTokenId {@code bos_token} of {@code tokenizer_config.json}
 * @param addsBos {@code add_bos_token}; empty: {@code tokenizer.json} decides
 */
record TokenizerFiles(
    int tokenCount,
    int highestTokenId,
    Set<Integer> specialTokenIds,
    OptionalInt bosTokenId,
    Optional<Boolean> addsBos) {

  private static final String CONFIG_FILE = "tokenizer_config.json";
  private static final ObjectMapper MAPPER = new ObjectMapper();

  TokenizerFiles {
    specialTokenIds = Set.copyOf(specialTokenIds);
  }

  static TokenizerFiles read(byte[] tokenizerJson, Path folder) throws IOException {
    JsonNode root = MAPPER.readTree(tokenizerJson);
    if (!root.isObject()) {
      throw new IOException("it is not a JSON object");
    }
    checkNumbers(root);
    JsonNode addedTokens = root.path("added_tokens");
    Map<String, Integer> special = new HashMap<>();
    for (JsonNode token : addedTokens) {
      if (token.path("special").asBoolean()) {
        special.put(token.path("content").asText(), token.path("id").asInt());
      }
    }
    Path configFile = folder.resolve(CONFIG_FILE);
    JsonNode config =
        Files.isRegularFile(configFile)
            ? MAPPER.readTree(configFile.toFile())
            : MAPPER.createObjectNode();
    return new TokenizerFiles(
        root.path("model").path("vocab").size() + addedTokens.size(),
        highestTokenId(root.path("model").path("vocab"), addedTokens),
        Set.copyOf(special.values()),
        tokenId(config.path("bos_token"), special),
        Optional.of(config.path("add_bos_token"))
            .filter(JsonNode::isBoolean)
            .map(JsonNode::asBoolean));
  }

  /** A vocabulary maps tokens to ids, or lists tokens in the order of their ids. */
  private static int highestTokenId(JsonNode vocabulary, JsonNode addedTokens) {
    int highest = vocabulary.isArray() ? vocabulary.size() - 1 : -1;
    if (vocabulary.isObject()) {
      for (JsonNode id : vocabulary) {
        highest = Math.max(highest, id.asInt());
      }
    }
    for (JsonNode token : addedTokens) {
      highest = Math.max(highest, token.path("id").asInt());
    }
    return highest;
  }

  /** The library aborts the process on numbers that a double does not hold. */
  private static void checkNumbers(JsonNode node) throws IOException {
    if (node.isNumber() && !Double.isFinite(node.doubleValue())) {
      throw new IOException("it has a number that is out of range: " + node);
    }
    for (JsonNode child : node) {
      checkNumbers(child);
    }
  }

  /** A token is its text, or an object that holds the text. */
  private static OptionalInt tokenId(JsonNode token, Map<String, Integer> special) {
    String content = token.isObject() ? token.path("content").asText() : token.asText();
    Integer id = special.get(content);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }

  /**
   * What stands before a text.
   *
   * @param filePrefix what the post-processor of {@code tokenizer.json} puts there
   */
  ImmutableIntArray prefix(ImmutableIntArray filePrefix) {
    if (addsBos.isEmpty()) {
      return filePrefix;
    }
    boolean hasBos =
        bosTokenId.isPresent()
            && !filePrefix.isEmpty()
            && filePrefix.get(0) == bosTokenId.getAsInt();
    if (addsBos.get()) {
      return hasBos || bosTokenId.isEmpty()
          ? filePrefix
          : ImmutableIntArray.builder().add(bosTokenId.getAsInt()).addAll(filePrefix).build();
    }
    // Without a known BOS, add_bos_token false leaves nothing to put before a text.
    if (bosTokenId.isEmpty()) {
      return ImmutableIntArray.of();
    }
    return hasBos ? filePrefix.subArray(1, filePrefix.length()).trimmed() : filePrefix;
  }
}
