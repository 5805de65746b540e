package ai.cacheblend.worker.export.gguf;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * An architecture of GGUF files that can be exported.
 *
 * @param name {@code general.architecture}
 * @param className its class in transformers
 * @param interleavedHeads whether the file has the rows of query and key heads in the order of the
 *     original Llama, which rotates neighbours; llama.cpp's conversion brings them there
 * @param tensorNames names of tensors in transformers that differ from those of Llama
 * @param gemma what files of Gemma have beside those of Llama; empty: another architecture
 */
record GgufArchitecture(
    String name,
    String className,
    boolean interleavedHeads,
    ImmutableMap<String, String> tensorNames,
    Optional<Gemma> gemma) {

  /**
   * Files of Gemma. Their norms hold 1 + weight.
   *
   * @param wideLayerCount number of layers of the model whose queries are scaled by hidden size /
   *     query heads, and not by the head size. No key has the scale; llama.cpp decides by the
   *     layers, too
   */
  record Gemma(int wideLayerCount) {

    private static final ImmutableMap<String, String> TENSOR_NAMES =
        ImmutableMap.of(
            "ffn_norm", "pre_feedforward_layernorm",
            "post_attention_norm", "post_attention_layernorm",
            "post_ffw_norm", "post_feedforward_layernorm");
  }

  private static final ImmutableList<GgufArchitecture> ALL =
      ImmutableList.of(
          new GgufArchitecture(
              "llama", "LlamaForCausalLM", true, ImmutableMap.of(), Optional.empty()),
          new GgufArchitecture(
              "qwen2", "Qwen2ForCausalLM", false, ImmutableMap.of(), Optional.empty()),
          new GgufArchitecture(
              "qwen3", "Qwen3ForCausalLM", false, ImmutableMap.of(), Optional.empty()),
          new GgufArchitecture(
              "phi3",
              "Phi3ForCausalLM",
              false,
              ImmutableMap.of("attn_qkv", "self_attn.qkv_proj", "ffn_up", "mlp.gate_up_proj"),
              Optional.empty()),
          new GgufArchitecture(
              "gemma2", "Gemma2ForCausalLM", false, Gemma.TENSOR_NAMES, Optional.of(new Gemma(46))),
          new GgufArchitecture(
              "gemma3",
              "Gemma3ForCausalLM",
              false,
              Gemma.TENSOR_NAMES,
              Optional.of(new Gemma(62))));

  private static final Map<String, String> MODEL_TENSORS =
      Map.of(
          "token_embd", "model.embed_tokens",
          "output_norm", "model.norm",
          "output", "lm_head");

  private static final Map<String, String> LAYER_TENSORS =
      Map.ofEntries(
          Map.entry("attn_norm", "input_layernorm"),
          Map.entry("attn_q", "self_attn.q_proj"),
          Map.entry("attn_k", "self_attn.k_proj"),
          Map.entry("attn_v", "self_attn.v_proj"),
          Map.entry("attn_q_norm", "self_attn.q_norm"),
          Map.entry("attn_k_norm", "self_attn.k_norm"),
          Map.entry("attn_output", "self_attn.o_proj"),
          Map.entry("ffn_norm", "post_attention_layernorm"),
          Map.entry("ffn_gate", "mlp.gate_proj"),
          Map.entry("ffn_up", "mlp.up_proj"),
          Map.entry("ffn_down", "mlp.down_proj"));

  static Optional<GgufArchitecture> ofName(String name) {
    return ALL.stream().filter(architecture -> architecture.name.equals(name)).findFirst();
  }

  /** The names of all, for messages. */
  static String names() {
    return ALL.stream().map(GgufArchitecture::name).collect(Collectors.joining(", "));
  }

  /** A tensor's name in transformers; the name itself if the architecture has no such tensor. */
  String tensorName(String name) {
    int dot = name.lastIndexOf('.');
    String[] parts = name.split("\\.", -1);
    if (parts.length == 2 && MODEL_TENSORS.containsKey(parts[0])) {
      return MODEL_TENSORS.get(parts[0]) + name.substring(dot);
    }
    if (parts.length != 4 || !parts[0].equals("blk")) {
      return name;
    }
    String layerName = tensorNames.getOrDefault(parts[2], LAYER_TENSORS.get(parts[2]));
    return layerName == null
        ? name
        : "model.layers." + parts[1] + "." + layerName + name.substring(dot);
  }
}
