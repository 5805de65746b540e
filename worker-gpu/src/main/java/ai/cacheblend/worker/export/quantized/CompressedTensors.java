package ai.cacheblend.worker.export.quantized;

import ai.cacheblend.worker.export.ExportException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;

/** The formats of llm-compressor, of which FP8 weights and packed integers are read. */
final class CompressedTensors {

  private static final String PACKED = "pack-quantized";

  private CompressedTensors() {}

  static Quantization read(QuantizationFields fields) throws ExportException {
    fields.require("format", "float-quantized", "naive-quantized", PACKED);
    fields.require("quantization_status", "", "compressed", "frozen");
    if (!List.of("", "dense").contains(fields.value("sparsity_config").path("format").asText())) {
      throw fields.unsupported("sparsity_config", "none, or format \"dense\"");
    }
    fields.requireEmpty("transform_config");
    JsonNode groups = fields.value("config_groups");
    if (groups.isEmpty()) {
      throw fields.unsupported("config_groups", "groups of weights");
    }
    Optional<Quantization> found = Optional.empty();
    for (JsonNode group : groups) {
      JsonNode weights = group.path("weights");
      Quantization read =
          fields.text("format").equals(PACKED) ? packed(fields, weights) : fp8(fields, weights);
      if (found.isPresent() && !found.get().equals(read)) {
        throw fields.unsupported("config_groups", "one form of weights in all groups");
      }
      found = Optional.of(read);
    }
    return found.orElseThrow();
  }

  private static Fp8 fp8(QuantizationFields fields, JsonNode weights) throws ExportException {
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

  private static PackedRows packed(QuantizationFields fields, JsonNode weights)
      throws ExportException {
    int bits = weights.path("num_bits").asInt();
    if (!weights.path("type").asText().equals("int") || (bits != 4 && bits != 8)) {
      throw fields.unsupported("config_groups", "weights of type \"int\" with num_bits 4 or 8");
    }
    boolean symmetric = weights.path("symmetric").asBoolean(true);
    int groupSize = weights.path("group_size").asInt(0);
    return switch (weights.path("strategy").asText()) {
      case "channel" -> new PackedRows(bits, symmetric, Integer.MAX_VALUE);
      case "group" -> {
        if (groupSize < 1) {
          throw fields.unsupported("config_groups", "a group_size > 0");
        }
        yield new PackedRows(bits, symmetric, groupSize);
      }
      default -> throw fields.unsupported("config_groups", "strategy \"group\" or \"channel\"");
    };
  }
}
