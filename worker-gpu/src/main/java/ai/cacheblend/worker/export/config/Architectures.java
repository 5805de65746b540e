package ai.cacheblend.worker.export.config;

import ai.cacheblend.worker.export.ExportException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.stream.Collectors;

/** The table of architectures that can be exported. */
final class Architectures {

  private static final List<Architecture> ALL =
      List.of(
          new Mistral(),
          new Ministral(),
          new Llama(),
          new Qwen2(),
          new Qwen3(),
          new Phi3(),
          new Gemma2(),
          new Gemma3(),
          new Gemma3Multimodal());

  private Architectures() {}

  static Architecture of(ConfigObject config) throws ExportException {
    JsonNode names = config.value("architectures");
    for (Architecture architecture : ALL) {
      if (names.isArray()
          && names.size() == 1
          && names.get(0).asText().equals(architecture.className())) {
        if (config.has("model_type")
            && !config.value("model_type").asText().equals(architecture.modelType())) {
          throw config.wrong("model_type", '"' + architecture.modelType() + '"');
        }
        return architecture;
      }
    }
    throw config.wrong(
        "architectures",
        ALL.stream()
                .map(architecture -> "[\"" + architecture.className() + "\"]")
                .collect(Collectors.joining(" or "))
            + UnsupportedArchitectures.reason(names.path(0).asText())
                .map(reason -> "; it has " + reason)
                .orElse(""));
  }
}
