package ai.cacheblend.worker.export.gguf;

import ai.cacheblend.worker.export.ExportException;
import ai.cacheblend.worker.export.weights.BlockTensor;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The {@code config.json} that the metadata of a GGUF file stand for. Keys of the architecture that
 * have no field there keep their names, so that the check of the fields refuses them.
 */
final class GgufConfig {

  /** Sizes that every file has. */
  private static final ImmutableMap<String, String> REQUIRED =
      ImmutableMap.of(
          "context_length", "max_position_embeddings",
          "embedding_length", "hidden_size",
          "block_count", "num_hidden_layers",
          "feed_forward_length", "intermediate_size",
          "attention.head_count", "num_attention_heads",
          "attention.layer_norm_rms_epsilon", "rms_norm_eps");

  /** The original context has no effect without scaling. */
  private static final Set<String> IGNORED =
      Set.of("rope.scaling.finetuned", "rope.scaling.original_context_length", "vocab_size");

  /** Values that mean the same as an absent key. */
  private static final Map<String, String> NEUTRAL =
      Map.of(
          "attention.causal", "true",
          "attention.sliding_window", "0",
          "expert_count", "0",
          "expert_used_count", "0",
          // The order of rows that all files of this architecture have.
          "tensor_data_layout", "Meta AI original pth");

  private static final List<String> EOS =
      List.of(
          "tokenizer.ggml.eos_token_id",
          "tokenizer.ggml.eot_token_id",
          "tokenizer.ggml.eom_token_id");
  private static final double DEFAULT_THETA = 10_000;

  private final GgufFile file;
  private final String prefix;

  /** Keys behind the prefix that have been read. */
  private final Set<String> read = new HashSet<>(IGNORED);

  private final ObjectNode config = JsonNodeFactory.instance.objectNode();

  private GgufConfig(GgufFile file, GgufArchitecture architecture) {
    this.file = file;
    this.prefix = architecture.name() + ".";
    config.putArray("architectures").add(architecture.className());
  }

  /**
   * The configuration.
   *
   * @param ropeFactors divisors of the angles by pair: of short and of long sequences; empty: none
   */
  static ObjectNode of(
      GgufFile file, GgufArchitecture architecture, Optional<RopeFactors> ropeFactors)
      throws ExportException {
    GgufConfig reader = new GgufConfig(file, architecture);
    reader.readSizes();
    if (architecture.gemma().isPresent()) {
      reader.readGemma(architecture.gemma().get());
    }
    reader.readVocabulary();
    reader.readRope(ropeFactors);
    reader.readTokens();
    reader.keepOthers();
    return reader.config;
  }

  private Optional<JsonNode> value(String key) {
    read.add(key);
    return Optional.ofNullable(file.metadata().get(prefix + key))
        .filter(value -> !value.asText().equals(NEUTRAL.get(key)));
  }

  private JsonNode required(String key) throws ExportException {
    return value(key)
        .orElseThrow(
            () ->
                new ExportException(
                    "%s: %s%s is absent, expected a number; convert the model again with a current"
                            .formatted(file.path(), prefix, key)
                        + " convert_hf_to_gguf.py"));
  }

  private int positive(String key) throws ExportException {
    JsonNode value = required(key);
    if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < 1) {
      throw wrong(prefix + key, value, "a whole number > 0");
    }
    return value.intValue();
  }

  private ExportException wrong(String key, JsonNode value, String expected) {
    return new ExportException(
        "%s: %s is %s, expected %s".formatted(file.path(), key, value, expected));
  }

  private void readSizes() throws ExportException {
    for (Map.Entry<String, String> entry : REQUIRED.entrySet()) {
      config.set(entry.getValue(), required(entry.getKey()));
    }
    value("attention.head_count_kv").ifPresent(count -> config.set("num_key_value_heads", count));
    config.put("head_dim", headSize());
    value("attention.sliding_window").ifPresent(window -> config.set("sliding_window", window));
    if (file.tensors().containsKey("blk.0.attn_q.bias") && prefix.equals("llama.")) {
      config.put("attention_bias", true);
    }
  }

  private void readGemma(GgufArchitecture.Gemma gemma) throws ExportException {
    for (String field : List.of("attn_logit_softcapping", "final_logit_softcapping")) {
      value(field).ifPresent(cap -> config.set(field, cap));
    }
    value("rope.freq_base_swa").ifPresent(theta -> config.set("rope_local_base_freq", theta));
    boolean wide = positive("block_count") == gemma.wideLayerCount();
    config.put(
        "query_pre_attn_scalar",
        wide
            ? (double) positive("embedding_length") / positive("attention.head_count")
            : headSize());
  }

  private int headSize() throws ExportException {
    int size =
        value("attention.key_length").isPresent()
            ? positive("attention.key_length")
            : positive("embedding_length") / positive("attention.head_count");
    JsonNode values = value("attention.value_length").orElse(null);
    if (values != null && values.asInt() != size) {
      throw wrong(prefix + "attention.value_length", values, size + ", the size of key heads");
    }
    return size;
  }

  private void readVocabulary() throws ExportException {
    BlockTensor embedding = file.tensors().get("token_embd.weight");
    if (embedding == null) {
      throw new ExportException(file.path() + " is missing a tensor: token_embd.weight");
    }
    config.put("vocab_size", embedding.shape().get(0));
    config.put("tie_word_embeddings", !file.tensors().containsKey("output.weight"));
  }

  private void readRope(Optional<RopeFactors> factors) throws ExportException {
    JsonNode theta =
        value("rope.freq_base").orElse(JsonNodeFactory.instance.numberNode(DEFAULT_THETA));
    config.set("rope_theta", theta);
    int headSize = headSize();
    if (value("rope.dimension_count").isPresent() && positive("rope.dimension_count") != headSize) {
      config.put("partial_rotary_factor", (double) positive("rope.dimension_count") / headSize);
    }
    String type = value("rope.scaling.type").map(JsonNode::asText).orElse("none");
    if (factors.isPresent()) {
      longrope(factors.get());
    } else if (!type.equals("none")) {
      ObjectNode scaling = config.putObject("rope_scaling").put("rope_type", type);
      scaling.set("factor", required("rope.scaling.factor"));
      if (type.equals("yarn")) {
        scaling.set(
            "original_max_position_embeddings", required("rope.scaling.original_context_length"));
      }
    }
  }

  /**
   * Factors by pair: longrope of Phi-3, and the scaling of Llama 3, which holds for all lengths.
   */
  private void longrope(RopeFactors factors) throws ExportException {
    ObjectNode scaling = config.putObject("rope_scaling").put("rope_type", "longrope");
    addAll(scaling.putArray("short_factor"), factors.ofShort());
    addAll(scaling.putArray("long_factor"), factors.ofLong());
    scaling.set(
        "attention_factor",
        value("rope.scaling.attn_factor").orElse(JsonNodeFactory.instance.numberNode(1.0)));
    scaling.set(
        "original_max_position_embeddings",
        factors.ofShort().equals(factors.ofLong())
            ? required("context_length")
            : required("rope.scaling.original_context_length"));
  }

  private static void addAll(ArrayNode array, List<Double> numbers) {
    numbers.forEach(array::add);
  }

  private void readTokens() {
    JsonNode bos = file.metadata().get("tokenizer.ggml.bos_token_id");
    if (bos != null) {
      config.set("bos_token_id", bos);
    }
    ArrayNode ids = config.putArray("eos_token_id");
    Set<String> texts = new TreeSet<>();
    for (String key : EOS) {
      JsonNode id = file.metadata().get(key);
      if (id != null && texts.add(id.asText())) {
        ids.add(id);
      }
    }
  }

  private void keepOthers() {
    file.metadata()
        .forEach(
            (key, value) -> {
              boolean known =
                  !key.startsWith(prefix)
                      || read.contains(key.substring(prefix.length()))
                      || value(key.substring(prefix.length())).isEmpty();
              if (!known) {
                config.set(key, value);
              }
            });
  }
}
