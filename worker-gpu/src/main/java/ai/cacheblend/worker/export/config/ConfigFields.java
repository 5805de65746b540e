package ai.cacheblend.worker.export.config;

import ai.cacheblend.worker.export.ExportException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The table of config fields. A field is read, or does not change what the model computes, or must
 * have its neutral value. Every other field that is set is refused, since the graph would ignore
 * it.
 */
final class ConfigFields {

  private static final Set<String> READ =
      Set.of(
          "architectures",
          "bos_token_id",
          "eos_token_id",
          "head_dim",
          "hidden_size",
          "initializer_range",
          "intermediate_size",
          "max_position_embeddings",
          "model_type",
          "num_attention_heads",
          "num_hidden_layers",
          "num_key_value_heads",
          "quantization_config",
          "rms_norm_eps",
          "rope_parameters",
          "rope_scaling",
          "rope_theta",
          "tie_word_embeddings",
          "vocab_size");

  /** Neutral values, as JSON, of fields that some architectures read. */
  private static final Map<String, List<String>> NEUTRAL =
      Map.ofEntries(
          Map.entry("add_cross_attention", List.of("false")),
          Map.entry("attention_bias", List.of("false")),
          Map.entry("hidden_act", List.of("\"silu\"")),
          Map.entry("is_encoder_decoder", List.of("false")),
          Map.entry("is_llama_config", List.of("true")),
          Map.entry("lm_head_bias", List.of("false")),
          Map.entry("mlp_bias", List.of("false")),
          Map.entry("partial_rotary_factor", List.of("1")),
          Map.entry("pretraining_tp", List.of("1")),
          Map.entry("pruned_heads", List.of("{}")),
          Map.entry("qk_layernorm", List.of("false")),
          Map.entry("rope_interleaved", List.of("false")),
          Map.entry("tie_encoder_decoder", List.of("false")),
          Map.entry("use_mrope", List.of("false")),
          Map.entry("use_qk_norm", List.of("false")),
          Map.entry("use_sliding_window", List.of("false")));

  /** Training, bookkeeping, and generation defaults, which requests set. */
  private static final Set<String> IGNORED =
      Set.of(
          "_attn_implementation",
          "_attn_implementation_autoset",
          "_commit_hash",
          "_from_model_config",
          "_name_or_path",
          "attention_dropout",
          "bad_words_ids",
          "begin_suppress_tokens",
          "chunk_size_feed_forward",
          "cross_attention_hidden_size",
          "decoder_start_token_id",
          "diversity_penalty",
          "do_sample",
          "dtype",
          "early_stopping",
          "encoder_no_repeat_ngram_size",
          "exponential_decay_length_penalty",
          "finetuning_task",
          "forced_bos_token_id",
          "forced_eos_token_id",
          "id2label",
          "is_decoder",
          "label2id",
          "length_penalty",
          "max_length",
          "min_length",
          "no_repeat_ngram_size",
          "num_beam_groups",
          "num_beams",
          "num_return_sequences",
          "output_attentions",
          "output_hidden_states",
          "output_scores",
          "pad_token_id",
          "prefix",
          "problem_type",
          "remove_invalid_values",
          "repetition_penalty",
          "return_dict",
          "return_dict_in_generate",
          "sep_token_id",
          "suppress_tokens",
          "task_specific_params",
          "temperature",
          "tf_legacy_loss",
          "tokenizer_class",
          "top_k",
          "top_p",
          "torch_dtype",
          "torchscript",
          "transformers.js_config",
          "transformers_version",
          "typical_p",
          "unsloth_fixed",
          "unsloth_version",
          "use_bfloat16",
          "use_cache");

  /** Configs of parts of a model. Their fields would be lost if they were skipped. */
  private static final Set<String> NESTED =
      Set.of("audio_config", "language_config", "llm_config", "text_config", "vision_config");

  private ConfigFields() {}

  /**
   * Refuses values that the graph would not honour; the message lists all of them.
   *
   * @param ignoredByRequest unknown fields that the user declares irrelevant
   */
  static void check(ConfigObject config, Architecture architecture, Set<String> ignoredByRequest)
      throws ExportException {
    List<String> mismatches = new ArrayList<>();
    List<String> unknown = new ArrayList<>();
    for (String field : config.fields()) {
      if (!config.has(field)
          || READ.contains(field)
          || architecture.fields().contains(field)
          || IGNORED.contains(field)) {
        continue;
      }
      if (NESTED.contains(field)) {
        mismatches.add(
            config.mismatch(field, "none: the fields of a text model stand at the top level"));
        continue;
      }
      List<String> neutral = NEUTRAL.get(field);
      if (neutral == null && !ignoredByRequest.contains(field)) {
        unknown.add(field);
        mismatches.add(config.mismatch(field, "no such field for " + architecture.className()));
      } else if (neutral != null && neutral.stream().noneMatch(value -> config.is(field, value))) {
        mismatches.add(config.mismatch(field, String.join(" or ", neutral)));
      }
    }
    if (!mismatches.isEmpty()) {
      throw new ExportException(
          config.file() + ": " + String.join("; ", mismatches) + remedy(unknown));
    }
  }

  private static String remedy(List<String> unknown) {
    return unknown.isEmpty()
        ? ""
        : "; skip fields that do not change what the model computes with: cacheblend export"
            + unknown.stream()
                .map(field -> " --ignore-config-field " + field)
                .collect(Collectors.joining());
  }
}
