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
              "DeepseekV32ForCausalLM",
              "DeepseekV3ForCausalLM",
              "Glm4MoeLiteForCausalLM",
              "GlmMoeDsaForCausalLM",
              "KimiK2ForCausalLM",
              "LongcatFlashForCausalLM",
              "MiniCPM3ForCausalLM",
              "YoutuForCausalLM"),
          "layers with a recurrent state, from which no chunk can be reused",
          List.of(
              "BambaForCausalLM",
              "FalconH1ForCausalLM",
              "FalconMambaForCausalLM",
              "GraniteMoeHybridForCausalLM",
              "JambaForCausalLM",
              "KimiLinearForCausalLM",
              "Lfm2ForCausalLM",
              "Lfm2MoeForCausalLM",
              "Mamba2ForCausalLM",
              "MambaForCausalLM",
              "MiniMaxForCausalLM",
              "MiniMaxText01ForCausalLM",
              "NemotronHForCausalLM",
              "OlmoHybridForCausalLM",
              "Qwen3NextForCausalLM",
              "Qwen3_5ForCausalLM",
              "Qwen3_5ForConditionalGeneration",
              "Qwen3_5MoeForCausalLM",
              "Qwen3_5MoeForConditionalGeneration",
              "RecurrentGemmaForCausalLM",
              "RwkvForCausalLM",
              "Zamba2ForCausalLM",
              "ZambaForCausalLM",
              "xLSTMForCausalLM"),
          "a mixture of experts, which the graph does not have",
          List.of(
              "DbrxForCausalLM",
              "Ernie4_5_MoeForCausalLM",
              "Glm4MoeForCausalLM",
              "GptOssForCausalLM",
              "GraniteMoeForCausalLM",
              "HunYuanMoEV1ForCausalLM",
              "Llama4ForCausalLM",
              "Llama4ForConditionalGeneration",
              "MiniMaxM2ForCausalLM",
              "MixtralForCausalLM",
              "OlmoeForCausalLM",
              "PhimoeForCausalLM",
              "Qwen2MoeForCausalLM",
              "Qwen3MoeForCausalLM"),
          "queries that are scaled by their position",
          List.of("Ministral3ForCausalLM"),
          "inputs other than text; use a checkpoint of its text model alone",
          List.of(
              "Gemma3nForConditionalGeneration",
              "Gemma4ForConditionalGeneration",
              "LlavaForConditionalGeneration",
              "Mistral3ForConditionalGeneration",
              "MllamaForConditionalGeneration",
              "PaliGemmaForConditionalGeneration",
              "Phi4MultimodalForCausalLM",
              "Qwen2VLForConditionalGeneration",
              "Qwen2_5_VLForConditionalGeneration",
              "Qwen3VLForConditionalGeneration"),
          "scaled embeddings without norms behind sublayers, which no description here has",
          List.of("GemmaForCausalLM"));

  private UnsupportedArchitectures() {}

  /** What the architecture has that the graph has not; empty if it is not in the table. */
  static Optional<String> reason(String className) {
    return CLASSES_BY_REASON.entrySet().stream()
        .filter(entry -> entry.getValue().contains(className))
        .map(Map.Entry::getKey)
        .findFirst();
  }
}
