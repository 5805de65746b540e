package ai.cacheblend.worker.model;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.primitives.ImmutableIntArray;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * The tokenizer of a model folder: {@code tokenizer.json}, and what {@code tokenizer_config.json}
 * says of BOS.
 */
public final class Tokenizer implements TextCodec, AutoCloseable {
  static {
    // Text is split on the processor: on a machine with a GPU the library would look for a build of
    // its own for that, and try to download it.
    if (System.getProperty("RUST_FLAVOR") == null) {
      System.setProperty("RUST_FLAVOR", "cpu");
    }
  }

  private static final String TOKENIZER_FILE = "tokenizer.json";
  private static final String CONFIG_FILE = "tokenizer_config.json";

  /**
   * The library would cut at 512 tokens, or at a length that the file names, and would look its
   * caller up.
   */
  private static final Map<String, String> WHOLE_TEXT =
      Map.of("truncation", "false", "padding", "false", "addSpecialTokens", "false");

  static {
    System.setProperty("OPT_OUT_TRACKING", "true");
  }

  private final HuggingFaceTokenizer tokenizer;

  /** Of each token on its own: a first token is sent with its text, and waits for it. */
  private final List<String> texts;

  private final Set<Integer> specialTokenIds;
  private final OptionalInt bosTokenId;
  private final Optional<Boolean> addsBos;

  private Tokenizer(
      HuggingFaceTokenizer tokenizer,
      int tokenCount,
      Set<Integer> specialTokenIds,
      OptionalInt bosTokenId,
      Optional<Boolean> addsBos) {
    this.tokenizer = tokenizer;
    this.texts =
        LongStream.range(0, tokenCount)
            .mapToObj(id -> tokenizer.decode(new long[] {id}, true))
            .toList();
    this.specialTokenIds = Set.copyOf(specialTokenIds);
    this.bosTokenId = bosTokenId;
    this.addsBos = addsBos;
  }

  /** Reads a model folder; {@code tokenizer_config.json} may be missing. */
  public static Tokenizer load(Path folder) {
    Path file = folder.resolve(TOKENIZER_FILE);
    if (!Files.isRegularFile(file)) {
      throw new ModelFailureException(
          file
              + " is missing; copy the checkpoint's "
              + TOKENIZER_FILE
              + " there, or export it again");
    }
    try {
      ObjectMapper json = new ObjectMapper();
      byte[] bytes = Files.readAllBytes(file);
      JsonNode root = json.readTree(bytes);
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
              ? json.readTree(configFile.toFile())
              : json.createObjectNode();
      return new Tokenizer(
          HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(bytes), WHOLE_TEXT),
          root.path("model").path("vocab").size() + addedTokens.size(),
          special.values().stream().collect(Collectors.toUnmodifiableSet()),
          tokenId(config.path("bos_token"), special),
          Optional.of(config.path("add_bos_token"))
              .filter(JsonNode::isBoolean)
              .map(JsonNode::asBoolean));
    } catch (IOException | RuntimeException e) {
      throw new ModelFailureException(
          file + " cannot be read as a tokenizer: " + e.getMessage(), e);
    }
  }

  /** A token stands in the configuration as its text, or as an object that holds it. */
  private static OptionalInt tokenId(JsonNode token, Map<String, Integer> special) {
    String content = token.isObject() ? token.path("content").asText() : token.asText();
    Integer id = special.get(content);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }

  @Override
  public ImmutableIntArray encode(String text, boolean addSpecialTokens) {
    int[] ids = encodeAsFileSays(text, addSpecialTokens);
    if (!addSpecialTokens || bosTokenId.isEmpty() || addsBos.isEmpty()) {
      return ImmutableIntArray.copyOf(ids);
    }
    boolean startsWithBos = ids.length > 0 && ids[0] == bosTokenId.getAsInt();
    if (addsBos.get() && !startsWithBos) {
      return ImmutableIntArray.builder().add(bosTokenId.getAsInt()).addAll(ids).build();
    }
    boolean fileAddedBos = startsWithBos && ids.length > encodeAsFileSays(text, false).length;
    if (!addsBos.get() && fileAddedBos) {
      return ImmutableIntArray.copyOf(ids).subArray(1, ids.length).trimmed();
    }
    return ImmutableIntArray.copyOf(ids);
  }

  private int[] encodeAsFileSays(String text, boolean addSpecialTokens) {
    long[] ids = tokenizer.encode(text, addSpecialTokens, false).getIds();
    int[] narrow = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      narrow[i] = Math.toIntExact(ids[i]);
    }
    return narrow;
  }

  @Override
  public String decode(ImmutableIntArray tokenIds) {
    if (tokenIds.isEmpty()) {
      return "";
    }
    if (tokenIds.length() == 1 && tokenIds.get(0) < texts.size()) {
      return texts.get(tokenIds.get(0));
    }
    return tokenizer.decode(tokenIds.stream().asLongStream().toArray(), true);
  }

  @Override
  public boolean isSpecial(int tokenId) {
    return specialTokenIds.contains(tokenId);
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
