package ai.cacheblend.worker.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The chat template of a checkpoint; clients render it.
 *
 * @param template Jinja; empty if the checkpoint has none
 * @param specialTokens texts by name, for example {@code bos_token}
 */
public record ChatFormat(String template, Map<String, String> specialTokens) {

  /** In a file of its own since transformers 4.43; it comes before the field of the other file. */
  public static final String TEMPLATE_FILE = "chat_template.jinja";

  private static final String CONFIG_FILE = "tokenizer_config.json";
  private static final List<String> TOKENS =
      List.of(
          "bos_token",
          "eos_token",
          "unk_token",
          "sep_token",
          "pad_token",
          "cls_token",
          "mask_token");
  private static final ObjectMapper MAPPER = new ObjectMapper();

  public static final ChatFormat NONE = new ChatFormat("", Map.of());

  public ChatFormat {
    specialTokens = Map.copyOf(specialTokens);
  }

  /**
   * The chat format of a model folder.
   *
   * @throws ModelFailureException if a file cannot be read
   */
  public static ChatFormat read(Path folder) throws ModelFailureException {
    Path configFile = folder.resolve(CONFIG_FILE);
    Path templateFile = folder.resolve(TEMPLATE_FILE);
    try {
      JsonNode config =
          Files.isRegularFile(configFile)
              ? MAPPER.readTree(configFile.toFile())
              : MAPPER.createObjectNode();
      String template =
          Files.isRegularFile(templateFile)
              ? Files.readString(templateFile)
              : template(config.path("chat_template"));
      Map<String, String> tokens = new TreeMap<>();
      for (String name : TOKENS) {
        JsonNode token = config.path(name);
        String text = token.isObject() ? token.path("content").asText() : token.asText("");
        if (!text.isEmpty() && !token.isNull()) {
          tokens.put(name, text);
        }
      }
      return new ChatFormat(template, tokens);
    } catch (JsonProcessingException e) {
      throw new ModelFailureException(
          "%s is not valid JSON: %s".formatted(configFile, e.getOriginalMessage()), e);
    } catch (IOException e) {
      throw new ModelFailureException(
          "the chat template in %s cannot be read: %s".formatted(folder, e.getMessage()), e);
    }
  }

  /** A text, or a list of named templates, of which the default is used. */
  private static String template(JsonNode field) {
    for (JsonNode named : field.isArray() ? field : List.<JsonNode>of()) {
      if (named.path("name").asText().equals("default")) {
        return named.path("template").asText("");
      }
    }
    return field.isTextual() ? field.textValue() : "";
  }
}
