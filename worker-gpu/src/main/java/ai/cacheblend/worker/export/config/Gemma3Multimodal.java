package ai.cacheblend.worker.export.config;

import ai.cacheblend.worker.export.ExportException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The text model of {@code Gemma3ForConditionalGeneration}: its config is {@code text_config}, and
 * its tensors have other prefixes. What reads images is left out.
 */
final class Gemma3Multimodal extends Gemma3 {

  /** Fields beside {@code text_config} that the text model has, too. */
  private static final Set<String> SHARED =
      Set.of("bos_token_id", "eos_token_id", "initializer_range", "tie_word_embeddings");

  /** Fields that concern images, and bookkeeping. */
  private static final Set<String> OTHERS =
      Set.of(
          "architectures",
          "boi_token_index",
          "dtype",
          "eoi_token_index",
          "image_token_id",
          "image_token_index",
          "mm_tokens_per_image",
          "model_type",
          "pad_token_id",
          "text_config",
          "torch_dtype",
          "transformers_version",
          "unsloth_fixed",
          "unsloth_version",
          "use_cache",
          "vision_config");

  /** Prefixes of tensors in the checkpoint and in the text model, of transformers 4 and 5. */
  private static final ImmutableMap<String, String> PREFIXES =
      ImmutableMap.of(
          "language_model.model.", "model.",
          "language_model.lm_head.", "lm_head.",
          "model.language_model.", "model.");

  private static final List<String> IMAGE_PREFIXES =
      List.of(
          "model.multi_modal_projector.",
          "model.vision_tower.",
          "multi_modal_projector.",
          "vision_tower.");

  @Override
  public String className() {
    return "Gemma3ForConditionalGeneration";
  }

  @Override
  public String modelType() {
    return "gemma3";
  }

  @Override
  public ConfigObject text(ConfigObject config) throws ExportException {
    ConfigObject nested =
        config.object("text_config").orElseThrow(() -> config.wrong("text_config", "an object"));
    if (!nested.text("model_type").orElse(super.modelType()).equals(super.modelType())) {
      throw nested.wrong("model_type", '"' + super.modelType() + '"');
    }
    ObjectNode fields = nested.json().deepCopy();
    fields.remove(List.of("architectures", "model_type"));
    for (String field : config.fields()) {
      if (SHARED.contains(field) && !fields.has(field)) {
        fields.set(field, config.value(field));
      } else if (!SHARED.contains(field) && !OTHERS.contains(field) && config.has(field)) {
        throw config.wrong(field, "no such field for " + className());
      }
    }
    return new ConfigObject(config.file(), nested.prefix(), fields);
  }

  @Override
  public Optional<String> textTensor(String stored) {
    for (Map.Entry<String, String> prefix : PREFIXES.entrySet()) {
      if (stored.startsWith(prefix.getKey())) {
        return Optional.of(prefix.getValue() + stored.substring(prefix.getKey().length()));
      }
    }
    return IMAGE_PREFIXES.stream().anyMatch(stored::startsWith)
        ? Optional.empty()
        : Optional.of(stored);
  }
}
