package ai.cacheblend.worker.export.quantized;

import ai.cacheblend.worker.export.ExportException;
import ai.cacheblend.worker.export.weights.SafetensorsTensor;
import ai.cacheblend.worker.export.weights.StoredTensor;
import java.util.Map;
import java.util.Optional;

/**
 * Linear layers in the format {@code pack-quantized} of compressed-tensors: {@code weight_packed}
 * and {@code weight_scale}, some with {@code weight_zero_point} and {@code weight_g_idx}.
 *
 * @param symmetric whether there are no zeros
 * @param groupSize inputs that share a scale
 */
record PackedRows(int bits, boolean symmetric, int groupSize) implements Quantization {

  private static final String QUANTS = ".weight_packed";

  @Override
  public Map<String, StoredTensor> decoded(Map<String, SafetensorsTensor> stored)
      throws ExportException {
    Parts parts = new Parts(stored);
    return parts.decoded(QUANTS, tensor -> true, (layer, quants) -> layer(parts, layer, quants));
  }

  private PackedRowsTensor layer(Parts parts, String layer, SafetensorsTensor quants)
      throws ExportException {
    Parts.checkMatrix(quants);
    // The shape without padding; layers whose inputs need padding are refused as misshapen.
    parts.ignore(layer + ".weight_shape");
    Packing packing = new Packing(bits, true, false, 0);
    int outputs = Math.toIntExact(quants.shape().get(0));
    int inputs = Math.toIntExact(quants.shape().get(1) * packing.perWord());
    GroupIndex groups = GroupIndex.of(parts.optional(layer + ".weight_g_idx"), inputs, groupSize);
    Parts.checkWords(quants, outputs, inputs / packing.perWord());
    SafetensorsTensor scales = parts.required(layer + ".weight_scale", quants);
    Parts.checkScales(scales, outputs, groups.count());
    if (symmetric) {
      return new PackedRowsTensor(quants, scales, Optional.empty(), packing, groups);
    }
    SafetensorsTensor zeros = parts.required(layer + ".weight_zero_point", quants);
    Parts.checkWords(zeros, (outputs + packing.perWord() - 1) / packing.perWord(), groups.count());
    return new PackedRowsTensor(quants, scales, Optional.of(zeros), packing, groups);
  }
}
