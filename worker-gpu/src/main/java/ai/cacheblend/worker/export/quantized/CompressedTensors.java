package ai.cacheblend.worker.export.quantized;

import ai.cacheblend.worker.export.ExportException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/** The format of llm-compressor, of which FP8 weights are read. */
final class CompressedTensors {

  private CompressedTensors() {}

  static Quantization read(QuantizationFields fields) throws ExportException {
    fields.require("format", "float-quantized", "naive-quantized");
    fields.require("quantization_status", "", "compressed");
    fields.requireEmpty("sparsity_config");
    fields.requireEmpty("transform_config");
    JsonNode groups = fields.value("config_groups");
    if (groups.isEmpty()) {
      throw fields.unsupported("config_groups", "groups with FP8 weights");
    }
    Optional<Fp8> found = Optional.empty();
    for (JsonNode group : groups) {
      Fp8 read = group(fields, group.path("weights"));
      if (found.isPresent() && !found.get().equals(read)) {
        throw fields.unsupported("config_groups", "one form of weights in all groups");
      }
      found = Optional.of(read);
    }
    return found.orElseThrow();
  }

  private static Fp8 group(QuantizationFields fields, JsonNode weights) throws ExportException {
    if (!weights.path("type").asText().equals("float") || weights.path("num_bits").asInt() != 8) {
      throw fields.unsupported("config_groups", "weights of type \"float\" with num_bits 8");
    }
    return switch (weights.path("strategy").asText()) {
      case "tensor", "channel" -> new Fp8(0, 0);
      case "block" -> Fp8.ofBlocks(fields, "config_groups", weights.path("block_structure"));
      default ->
          throw fields.unsupported(
              "config_groups", "strategy \"tensor\", \"channel\" or \"block\"");
    };
  }
}
