package ai.cacheblend.worker.export.quantized;

import ai.cacheblend.worker.export.ExportException;
import ai.cacheblend.worker.export.weights.SafetensorsTensor;
import ai.cacheblend.worker.export.weights.StoredTensor;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableSortedMap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The table of methods of quantisation, by {@code quant_method}. */
public final class Quantizations {

  /** Reads the parameters of a method, and refuses those that cannot be decoded. */
  private interface Reader {
    Quantization read(QuantizationFields fields) throws ExportException;
  }

  private static final ImmutableSortedMap<String, Reader> METHODS =
      ImmutableSortedMap.of(
          "awq", Awq::read,
          "compressed-tensors", CompressedTensors::read,
          "fbgemm_fp8", Fp8::readFbgemm,
          "fp8", Fp8::read,
          "gptq", Gptq::read);

  private Quantizations() {}

  /**
   * The dequantised tensors of a checkpoint, by their names in transformers.
   *
   * @param config the file with the {@code quantization_config}, for messages
   * @param quantization its value
   * @param needed names of the tensors that the model has
   */
  public static Map<String, StoredTensor> decode(
      Path config,
      ObjectNode quantization,
      Map<String, SafetensorsTensor> stored,
      Set<String> needed)
      throws IOException {
    QuantizationFields fields = new QuantizationFields(config, quantization);
    Reader reader = METHODS.get(fields.text("quant_method"));
    if (reader == null) {
      throw fields.unsupported("quant_method", String.join(" or ", METHODS.keySet()));
    }
    // In a fixed order, so that messages name the same tensor each time.
    return ZeroBiases.removed(reader.read(fields).decoded(new TreeMap<>(stored)), needed);
  }
}
