package ai.cacheblend.worker.export.quantized;

import ai.cacheblend.worker.export.ExportException;
import ai.cacheblend.worker.export.weights.SafetensorsTensor;
import ai.cacheblend.worker.export.weights.StoredTensor;
import java.util.Map;

/**
 * Linear layers of GPTQ and AWQ: {@code qweight}, {@code qzeros} and {@code scales}, and {@code
 * g_idx} with the group of each input.
 *
 * @param groupSize inputs that share a scale
 */
record IntegerLayers(Packing packing, int groupSize) implements Quantization {

  private static final String QUANTS = ".qweight";

  @Override
  public Map<String, StoredTensor> decoded(Map<String, SafetensorsTensor> stored)
      throws ExportException {
    Parts parts = new Parts(stored);
    return parts.decoded(QUANTS, tensor -> true, (layer, quants) -> layer(parts, layer, quants));
  }

  private PackedTensor layer(Parts parts, String layer, SafetensorsTensor quants)
      throws ExportException {
    SafetensorsTensor zeros = parts.required(layer + ".qzeros", quants);
    SafetensorsTensor scales = parts.required(layer + ".scales", quants);
    Parts.checkMatrix(quants);
    int perWord = packing.perWord();
    int rowsPerWord = packing.packsInputs() ? perWord : 1;
    int inputs = Math.toIntExact(quants.shape().get(0) * rowsPerWord);
    int outputs = Math.toIntExact(quants.shape().get(1) * perWord / rowsPerWord);
    GroupIndex groups = GroupIndex.of(parts.optional(layer + ".g_idx"), inputs, groupSize);
    Parts.checkWords(quants, inputs / rowsPerWord, (long) outputs * rowsPerWord / perWord);
    Parts.checkScales(scales, groups.count(), outputs);
    Parts.checkWords(zeros, groups.count(), outputs / perWord);
    if (outputs % perWord != 0) {
      throw Parts.wrong(quants, "a multiple of %d outputs".formatted(perWord));
    }
    return new PackedTensor(quants, zeros, scales, packing, outputs, groups);
  }
}
