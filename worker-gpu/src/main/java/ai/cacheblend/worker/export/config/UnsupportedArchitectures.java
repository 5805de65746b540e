package ai.cacheblend.worker.export.config;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Why architectures that are often asked for cannot be exported. */
final class UnsupportedArchitectures {

  private static final Map<String, List<String>> CLASSES_BY_REASON =
      Map.of(
          "multi-head latent attention, which caches no keys and values per head",
          List.of(
              "DeepseekV2ForCausalLM",
              "DeepseekV3ForCausalLM",
              "KimiK2ForCausalLM",
              "LongcatFlashForCausalLM",
              "MiniCPM3ForCausalLM"),
          "layers with a recurrent state, from which no chunk can be reused",
          List.of(
              "BambaForCausalLM",
              "FalconH1ForCausalLM",
              "FalconMambaForCausalLM",
              "GraniteMoeHybridForCausalLM",
              "JambaForCausalLM",
              "Lfm2ForCausalLM",
              "Mamba2ForCausalLM",
              "MambaForCausalLM",
              "MiniMaxForCausalLM",
              "NemotronHForCausalLM",
              "Qwen3NextForCausalLM",
              "RecurrentGemmaForCausalLM",
              "Zamba2ForCausalLM",
              "ZambaForCausalLM"),
          "a mixture of experts, which the graph does not have",
          List.of(
              "DbrxForCausalLM",
              "GptOssForCausalLM",
              "GraniteMoeForCausalLM",
              "Llama4ForCausalLM",
              "MixtralForCausalLM",
              "OlmoeForCausalLM",
              "PhimoeForCausalLM",
              "Qwen2MoeForCausalLM",
              "Qwen3MoeForCausalLM"),
          "scaled embeddings, norms behind sublayers or capped logits, which the graph does not have",
          List.of(
              "Gemma2ForCausalLM",
              "Gemma3ForCausalLM",
              "Gemma3ForConditionalGeneration",
              "GemmaForCausalLM"));

  private UnsupportedArchitectures() {}

  /** What the architecture has that the graph has not; empty if it is not in the table. */
  static Optional<String> reason(String className) {
    return CLASSES_BY_REASON.entrySet().stream()
        .filter(entry -> entry.getValue().contains(className))
        .map(Map.Entry::getKey)
        .findFirst();
  }
}
