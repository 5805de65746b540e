package ai.cacheblend.worker.export.quantized;

import ai.cacheblend.worker.export.ExportException;

/**
 * GPTQ (Frantar et al., 2022) as AutoGPTQ and GPTQModel store it: the words of {@code qweight} have
 * numbers of consecutive inputs. The first version of the format stores zero − 1.
 */
final class Gptq {

  private Gptq() {}

  static Quantization read(QuantizationFields fields) throws ExportException {
    fields.require("bits", "4", "8");
    fields.require("checkpoint_format", "", "gptq", "gptq_v2");
    fields.require("format", "", "gptq", "gptq_v2");
    fields.require("pack_dtype", "", "int32");
    fields.require("is_marlin_format", "", "false");
    fields.requireEmpty("dynamic");
    boolean second =
        fields.text("checkpoint_format").equals("gptq_v2")
            || fields.text("format").equals("gptq_v2");
    return new IntegerLayers(
        new Packing(fields.value("bits").asInt(), true, false, second ? 0 : 1), fields.groupSize());
  }
}
