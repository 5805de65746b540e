package ai.cacheblend.worker.export;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The table of config fields. A field is read, or has no influence on what the model computes, or
 * must have the one value that asks for nothing special. Any other field that is set is refused:
 * what it asks for would silently be left out.
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
          "rms_norm_eps",
          "rope_parameters",
          "rope_scaling",
          "rope_theta",
          "tie_word_embeddings",
          "vocab_size");

  private static final Set<String> WINDOW_PER_LAYER =
      Set.of("layer_types", "max_window_layers", "sliding_window", "use_sliding_window");

  private static final Map<Architecture, Set<String>> READ_BY =
      Map.of(
          Architecture.MISTRAL,
          Set.of("sliding_window"),
          Architecture.LLAMA,
          Set.of("attention_bias", "mlp_bias", "sliding_window"),
          Architecture.QWEN2,
          WINDOW_PER_LAYER,
          Architecture.QWEN3,
          Stream.concat(WINDOW_PER_LAYER.stream(), Stream.of("attention_bias"))
              .collect(Collectors.toUnmodifiableSet()));

  /** Accepted values as JSON. */
  private static final Map<String, List<String>> CHECKED =
      Map.ofEntries(
          Map.entry("add_cross_attention", List.of("false")),
          Map.entry("attention_bias", List.of("false")),
          Map.entry("hidden_act", List.of("\"silu\"")),
          Map.entry("is_encoder_decoder", List.of("false")),
          Map.entry("mlp_bias", List.of("false")),
          Map.entry("partial_rotary_factor", List.of("1")),
          Map.entry("pretraining_tp", List.of("1")),
          Map.entry("pruned_heads", List.of("{}")),
          Map.entry("tie_encoder_decoder", List.of("false")),
          Map.entry("use_sliding_window", List.of("false")));

  /** Training, bookkeeping, and defaults of generation that requests decide here. */
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
          "transformers_version",
          "typical_p",
          "use_bfloat16",
          "use_cache");

  private ConfigFields() {}

  /** Refuses the first field, in alphabetical order, whose value cannot be honoured. */
  static void check(ConfigObject config, Architecture architecture, Set<String> ignoredByRequest)
      throws ExportException {
    Set<String> readHere = READ_BY.get(architecture);
    for (String field : config.fields()) {
      if (READ.contains(field) || readHere.contains(field) || IGNORED.contains(field)) {
        continue;
      }
      List<String> accepted = CHECKED.get(field);
      if (!config.has(field)) {
        continue;
      }
      if (accepted == null && !ignoredByRequest.contains(field)) {
        throw config.wrong(
            field,
            "no such field for %s; if it changes nothing that the model computes, ignore it with"
                    .formatted(architecture.className())
                + " --ignore-config-field "
                + field);
      }
      if (accepted != null && accepted.stream().noneMatch(value -> config.is(field, value))) {
        throw config.wrong(field, String.join(" or ", accepted));
      }
    }
  }
}
