package ai.cacheblend.worker.export.adapter;

import static java.util.Objects.requireNonNull;

import ai.cacheblend.worker.export.CheckpointFiles;
import ai.cacheblend.worker.export.ExportException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** The {@code adapter_config.json} of a LoRA adapter (Hu et al., 2021) that PEFT wrote. */
record LoraConfig(Path file, ObjectNode json) {

  private static final String FILE = "adapter_config.json";

  /** Values, as JSON, of fields whose other values change more than a product of two matrices. */
  private static final Map<String, List<String>> NEUTRAL =
      Map.ofEntries(
          Map.entry("alora_invocation_tokens", List.of()),
          Map.entry("arrow_config", List.of()),
          Map.entry("bias", List.of("\"none\"")),
          Map.entry("corda_config", List.of()),
          Map.entry("kasa_config", List.of()),
          Map.entry("layer_replication", List.of()),
          Map.entry("lora_bias", List.of("false")),
          Map.entry("lora_ga_config", List.of()),
          Map.entry("modules_to_save", List.of("[]")),
          Map.entry("monteclora_config", List.of()),
          Map.entry("peft_type", List.of("\"LORA\"")),
          Map.entry("target_parameters", List.of("[]")),
          Map.entry("trainable_token_indices", List.of("[]")),
          Map.entry("use_bdlora", List.of("false")),
          Map.entry("use_dora", List.of("false")),
          Map.entry("use_qalora", List.of("false")));

  /** Initialisations that leave the base model's weights as they are. */
  private static final List<String> INITIALISATIONS =
      List.of("true", "false", "gaussian", "orthogonal", "eva");

  LoraConfig {
    requireNonNull(file, "file is null");
    requireNonNull(json, "json is null");
  }

  static LoraConfig read(Path folder) throws IOException {
    Path file = folder.resolve(FILE);
    LoraConfig config = new LoraConfig(file, CheckpointFiles.readObject(file));
    config.check();
    return config;
  }

  private void check() throws ExportException {
    if (!json.hasNonNull("peft_type")) {
      throw wrong("peft_type", "\"LORA\"");
    }
    for (Map.Entry<String, List<String>> field : NEUTRAL.entrySet()) {
      JsonNode value = json.path(field.getKey());
      if (!value.isMissingNode()
          && !value.isNull()
          && !field.getValue().contains(value.toString())) {
        throw wrong(field.getKey(), field.getValue().isEmpty() ? "null" : field.getValue().get(0));
      }
    }
    JsonNode initialisation = json.path("init_lora_weights");
    if (json.hasNonNull("init_lora_weights")
        && !INITIALISATIONS.contains(initialisation.asText())) {
      throw wrong(
          "init_lora_weights",
          "an adapter for unchanged base weights; convert it with PEFT: save_pretrained with"
              + " path_initial_model_for_weight_conversion");
    }
    positive("r", json.path("r"));
    positive("lora_alpha", json.path("lora_alpha"));
  }

  private double positive(String field, JsonNode value) throws ExportException {
    if (!value.isNumber() || !(value.doubleValue() > 0) || value.doubleValue() > 1e9) {
      throw wrong(field, "a number > 0");
    }
    return value.doubleValue();
  }

  /**
   * What the product of the matrices of a layer is multiplied by: alpha / rank, or alpha / √rank
   * (rank-stabilised LoRA, Kalajdzievski, 2023).
   *
   * @param layer name of the module, without a prefix
   * @param rank rows of its matrix A
   */
  double scale(String layer, int rank) throws ExportException {
    JsonNode expected = ofLayer("rank_pattern", "r", layer);
    if (positive("r", expected) != rank) {
      throw wrong("r", "%d, the rows of lora_A of %s".formatted(rank, layer));
    }
    double alpha = positive("lora_alpha", ofLayer("alpha_pattern", "lora_alpha", layer));
    return json.path("use_rslora").asBoolean() ? alpha / Math.sqrt(rank) : alpha / rank;
  }

  /** The value of the first pattern that matches the end of the name, or of the field. */
  private JsonNode ofLayer(String patterns, String field, String layer) throws ExportException {
    for (Map.Entry<String, JsonNode> entry : json.path(patterns).properties()) {
      try {
        if (Pattern.matches("(.*\\.)?(" + entry.getKey() + ")", layer)) {
          return entry.getValue();
        }
      } catch (PatternSyntaxException e) {
        throw wrong(patterns, "regular expressions as keys");
      }
    }
    return json.path(field);
  }

  private ExportException wrong(String field, String expected) {
    return new ExportException(
        "%s: %s is %s, expected %s"
            .formatted(
                file, field, json.has(field) ? json.get(field).toString() : "absent", expected));
  }
}
