package ai.cacheblend.worker.export.quantized;

import ai.cacheblend.worker.export.ExportException;

/**
 * AWQ (Lin et al., 2023) as AutoAWQ stores it for its GEMM kernel: the words have numbers of eight
 * consecutive outputs in the order 0, 2, 4, 6, 1, 3, 5, 7.
 */
final class Awq {

  private Awq() {}

  static Quantization read(QuantizationFields fields) throws ExportException {
    fields.require("bits", "4");
    fields.require("version", "", "gemm");
    fields.require("zero_point", "", "true");
    return new IntegerLayers(new Packing(4, false, true, 0), fields.groupSize());
  }
}
