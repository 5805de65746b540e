package ai.cacheblend.worker.export.quantized;

import ai.cacheblend.worker.export.ExportException;
import ai.cacheblend.worker.export.weights.SafetensorsTensor;
import ai.cacheblend.worker.export.weights.StoredTensor;
import ai.cacheblend.worker.export.weights.StoredType;
import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.Maps;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * FP8 weights with scales of the whole tensor, of each output, or of blocks: {@code weight} with
 * {@code weight_scale} or {@code weight_scale_inv}, which both multiply. Activations and KV are not
 * quantised by the exported graph, so that their scales are left out.
 *
 * @param blockRows rows of a block, where scales are of blocks; 0: they are not
 * @param blockColumns the same for columns
 */
record Fp8(int blockRows, int blockColumns) implements Quantization {

  private static final List<String> SCALES = List.of(".weight_scale", ".weight_scale_inv");
  private static final List<String> ACTIVATION_SCALES =
      List.of(".input_scale", ".activation_scale", ".output_scale", ".k_scale", ".v_scale");

  /** Of transformers, DeepSeek, Qwen, and vLLM's AutoFP8. */
  static Fp8 read(QuantizationFields fields) throws ExportException {
    fields.require("fmt", "", "e4m3");
    fields.require("activation_scheme", "", "dynamic", "static");
    return ofBlocks(fields, "weight_block_size", fields.value("weight_block_size"));
  }

  /** Of Meta's Llama 3.1 405B: a scale per output. */
  static Fp8 readFbgemm(QuantizationFields fields) {
    return new Fp8(0, 0);
  }

  /** Blocks of these rows and columns; an absent field: none. */
  static Fp8 ofBlocks(QuantizationFields fields, String name, JsonNode sizes)
      throws ExportException {
    if (sizes.isMissingNode() || sizes.isNull()) {
      return new Fp8(0, 0);
    }
    if (sizes.size() != 2 || sizes.get(0).asInt() < 1 || sizes.get(1).asInt() < 1) {
      throw fields.unsupported(name, "two whole numbers > 0");
    }
    return new Fp8(sizes.get(0).asInt(), sizes.get(1).asInt());
  }

  @Override
  public Map<String, StoredTensor> decoded(Map<String, SafetensorsTensor> stored)
      throws ExportException {
    Parts parts =
        new Parts(
            Maps.filterKeys(stored, name -> ACTIVATION_SCALES.stream().noneMatch(name::endsWith)));
    return parts.decoded(
        Parts.WEIGHT,
        tensor -> Float8.ofName(tensor.type()).isPresent(),
        (layer, weight) -> scaled(parts, layer, weight));
  }

  private ScaledFloat8Tensor scaled(Parts parts, String layer, SafetensorsTensor weight)
      throws ExportException {
    Optional<SafetensorsTensor> found = Optional.empty();
    for (String suffix : SCALES) {
      found = found.or(() -> parts.optional(layer + suffix));
    }
    SafetensorsTensor scales =
        found.isPresent() ? found.get() : parts.required(layer + SCALES.get(0), weight);
    Parts.checkMatrix(weight);
    long rows = weight.shape().get(0);
    long columns = weight.shape().get(1);
    long count = scales.shape().stream().reduce(1L, (x, y) -> x * y);
    boolean blocks =
        blockRows > 0
            && scales
                .shape()
                .equals(
                    List.of(
                        (rows + blockRows - 1) / blockRows,
                        (columns + blockColumns - 1) / blockColumns));
    boolean perOutput =
        scales.shape().equals(List.of(rows)) || scales.shape().equals(List.of(rows, 1L));
    if (StoredType.ofName(scales.type()).isEmpty() || !(blocks || perOutput || count == 1)) {
      throw Parts.wrong(
          scales,
          "F16, BF16 or F32, and one scale, one for each of %d outputs, or one per block"
              .formatted(rows));
    }
    return blocks
        ? new ScaledFloat8Tensor(weight, scales, blockRows, blockColumns)
        : new ScaledFloat8Tensor(
            weight, scales, perOutput ? 1 : Math.toIntExact(rows), Math.toIntExact(columns));
  }
}
