package ai.cacheblend.worker.export;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.stream.Collectors;

/** The model families that can be exported. */
enum Architecture {
  MISTRAL("MistralForCausalLM", "mistral"),
  LLAMA("LlamaForCausalLM", "llama"),
  QWEN2("Qwen2ForCausalLM", "qwen2"),
  QWEN3("Qwen3ForCausalLM", "qwen3");

  private final String className;
  private final String modelType;

  Architecture(String className, String modelType) {
    this.className = className;
    this.modelType = modelType;
  }

  /** The name in {@code architectures}. */
  String className() {
    return className;
  }

  static Architecture of(ConfigObject config) throws ExportException {
    JsonNode names = config.value("architectures");
    for (Architecture architecture : values()) {
      if (names.isArray()
          && names.size() == 1
          && names.get(0).asText().equals(architecture.className)) {
        if (config.has("model_type")
            && !config.value("model_type").asText().equals(architecture.modelType)) {
          throw config.wrong("model_type", '"' + architecture.modelType + '"');
        }
        return architecture;
      }
    }
    throw config.wrong(
        "architectures",
        Arrays.stream(values())
            .map(architecture -> "[\"" + architecture.className + "\"]")
            .collect(Collectors.joining(" or ")));
  }
}
