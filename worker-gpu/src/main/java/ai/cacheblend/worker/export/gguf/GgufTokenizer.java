package ai.cacheblend.worker.export.gguf;

import ai.cacheblend.worker.export.ExportException;
import ai.cacheblend.worker.export.tokenizer.ByteLevelBpe;
import ai.cacheblend.worker.export.tokenizer.PreTokenizer;
import ai.cacheblend.worker.export.tokenizer.SentencePieceBpe;
import ai.cacheblend.worker.export.tokenizer.TemporaryFolder;
import ai.cacheblend.worker.export.tokenizer.Vocabulary;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** Converts the tokenizer in the metadata of a GGUF file. */
final class GgufTokenizer {

  private static final String PREFIX = "tokenizer.ggml.";
  private static final String REMEDY =
      "; put the tokenizer.json of the original model and this file alone into a directory, and"
          + " export the directory";

  /** What no tokenizer that can be converted has. */
  private static final List<String> FALSE_OR_ABSENT =
      List.of("add_eos_token", "add_sep_token", "remove_extra_whitespaces");

  /** Fields of {@code tokenizer_config.json}. */
  private static final Map<String, String> SPECIAL_TOKENS =
      Map.of(
          "bos_token", "bos_token_id",
          "eos_token", "eos_token_id",
          "unk_token", "unknown_token_id",
          "pad_token", "padding_token_id");

  private final GgufFile file;
  private final GgufArchitecture architecture;

  private GgufTokenizer(GgufFile file, GgufArchitecture architecture) {
    this.file = file;
    this.architecture = architecture;
  }

  /** Writes {@code tokenizer.json} and {@code tokenizer_config.json}. */
  static void write(GgufFile file, GgufArchitecture architecture, TemporaryFolder folder)
      throws IOException {
    GgufTokenizer tokenizer = new GgufTokenizer(file, architecture);
    try {
      folder.write("tokenizer.json", tokenizer.tokenizer());
      folder.write("tokenizer_config.json", tokenizer.config());
    } catch (IllegalArgumentException e) {
      throw new ExportException(
          "%s has a tokenizer that cannot be converted: %s%s"
              .formatted(file.path(), e.getMessage(), REMEDY),
          e);
    }
  }

  private JsonNode value(String key) {
    JsonNode value = file.metadata().get(PREFIX + key);
    return value == null ? MissingNode.getInstance() : value;
  }

  private IllegalArgumentException wrong(String key, String expected) {
    JsonNode value = value(key);
    return new IllegalArgumentException(
        "%s%s is %s, expected %s"
            .formatted(PREFIX, key, value.isMissingNode() ? "absent" : value, expected));
  }

  private ObjectNode tokenizer() {
    for (String key : FALSE_OR_ABSENT) {
      if (value(key).asBoolean()) {
        throw wrong(key, "false");
      }
    }
    // The file has no merges, and the scores of Gemma are not in their order.
    if (architecture.gemma().isPresent()) {
      throw new IllegalArgumentException("tokenizers of Gemma are not converted");
    }
    if (!value("precompiled_charsmap").isEmpty()) {
      throw new IllegalArgumentException("it has a precompiled_charsmap");
    }
    return switch (value("model").asText()) {
      case "llama" ->
          SentencePieceBpe.toJson(vocabulary(true), value("add_space_prefix").asBoolean(true));
      case "gpt2" -> byteLevel();
      default -> throw wrong("model", "\"llama\" or \"gpt2\"");
    };
  }

  private ObjectNode byteLevel() {
    PreTokenizer preTokenizer =
        PreTokenizer.ofName(value("pre").asText())
            .orElseThrow(() -> wrong("pre", PreTokenizer.allNames()));
    List<String> merges = new ArrayList<>();
    value("merges").forEach(merge -> merges.add(merge.asText()));
    if (merges.isEmpty()) {
      throw wrong("merges", "an array of texts");
    }
    return ByteLevelBpe.toJson(vocabulary(preTokenizer.addsBos()), merges, preTokenizer);
  }

  private Vocabulary vocabulary(boolean addsBosByDefault) {
    JsonNode texts = value("tokens");
    JsonNode scores = value("scores");
    JsonNode kinds = value("token_type");
    if (texts.isEmpty()) {
      throw wrong("tokens", "an array of texts");
    }
    ImmutableList.Builder<Vocabulary.Token> tokens = ImmutableList.builder();
    for (int id = 0; id < texts.size(); id++) {
      tokens.add(
          new Vocabulary.Token(
              texts.get(id).asText(),
              scores.path(id).floatValue(),
              Vocabulary.Kind.ofId(kinds.path(id).asInt(1))));
    }
    JsonNode bos = value("bos_token_id");
    boolean addsBos = value("add_bos_token").asBoolean(addsBosByDefault);
    return new Vocabulary(
        tokens.build(),
        addsBos && bos.canConvertToInt() && bos.intValue() >= 0
            ? OptionalInt.of(bos.intValue())
            : OptionalInt.empty());
  }

  private ObjectNode config() {
    ObjectNode config = JsonNodeFactory.instance.objectNode();
    config.put("tokenizer_class", "PreTrainedTokenizerFast");
    SPECIAL_TOKENS.forEach(
        (field, key) -> {
          JsonNode text = value("tokens").path(value(key).asInt(-1));
          if (text.isTextual()) {
            config.set(field, text);
          }
        });
    JsonNode template = file.metadata().get("tokenizer.chat_template");
    if (template != null) {
      config.set("chat_template", template);
    }
    return config;
  }
}
