package ai.cacheblend.worker.export.config;

import ai.cacheblend.worker.export.ExportException;
import ai.cacheblend.worker.model.DecoderTraits;
import ai.cacheblend.worker.model.DecoderTraits.Activation;
import com.google.common.collect.ImmutableSet;
import java.util.Optional;

/** What the architectures of Gemma read alike. */
final class GemmaFields {

  /** {@code hidden_act} is an older name that transformers ignores. */
  static final ImmutableSet<String> NAMES =
      ImmutableSet.of(
          "attention_bias",
          "attn_logit_softcapping",
          "cache_implementation",
          "final_logit_softcapping",
          "hidden_act",
          "hidden_activation",
          "layer_types",
          "query_pre_attn_scalar",
          "sliding_window",
          "use_bidirectional_attention");

  private static final String GELU_TANH = "gelu_pytorch_tanh";
  private static final double DEFAULT_QUERY_SCALAR = 256;

  private GemmaFields() {}

  static DecoderTraits traits(
      ConfigObject config,
      int defaultHiddenSize,
      Optional<Double> attentionSoftCap,
      Optional<Double> logitSoftCap)
      throws ExportException {
    if (!config.text("hidden_activation").orElse(GELU_TANH).equals(GELU_TANH)) {
      throw config.wrong("hidden_activation", '"' + GELU_TANH + '"');
    }
    if (config.flag("use_bidirectional_attention")) {
      throw config.wrong("use_bidirectional_attention", "false");
    }
    int hiddenSize = config.size("hidden_size", defaultHiddenSize, SizeLimits.HIDDEN);
    double scalar = config.positiveNumber("query_pre_attn_scalar", DEFAULT_QUERY_SCALAR);
    return new DecoderTraits(
        Activation.GELU_TANH,
        true,
        Optional.of(Math.sqrt(hiddenSize)),
        Optional.of(1 / Math.sqrt(scalar)),
        attentionSoftCap,
        logitSoftCap,
        Optional.of(1.0),
        Optional.empty());
  }

  static Architecture.Biases biases(ConfigObject config) throws ExportException {
    boolean attention = config.flag("attention_bias");
    return new Architecture.Biases(attention, attention, false);
  }

  /** An absent field has the default; null means none. */
  static Optional<Double> softCap(ConfigObject config, String field, Optional<Double> absent)
      throws ExportException {
    return config.json().has(field) ? config.optionalPositiveNumber(field) : absent;
  }
}
