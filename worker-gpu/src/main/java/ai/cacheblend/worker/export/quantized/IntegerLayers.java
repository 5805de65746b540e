package ai.cacheblend.worker.export.quantized;

import ai.cacheblend.worker.export.ExportException;
import ai.cacheblend.worker.export.weights.OpenFiles;
import ai.cacheblend.worker.export.weights.SafetensorsTensor;
import ai.cacheblend.worker.export.weights.StoredTensor;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
    Map<String, StoredTensor> decoded = new LinkedHashMap<>();
    for (Map.Entry<String, SafetensorsTensor> entry : stored.entrySet()) {
      String name = entry.getKey();
      if (name.endsWith(QUANTS)) {
        String layer = name.substring(0, name.length() - QUANTS.length());
        decoded.put(layer + ".weight", layer(parts, layer, entry.getValue()));
        parts.optional(name);
      }
    }
    stored.forEach(
        (name, tensor) -> {
          if (!parts.isUsed(name)) {
            decoded.putIfAbsent(name, tensor);
          }
        });
    return decoded;
  }

  private PackedTensor layer(Parts parts, String layer, SafetensorsTensor quants)
      throws ExportException {
    SafetensorsTensor zeros = parts.required(layer + ".qzeros", quants);
    SafetensorsTensor scales = parts.required(layer + ".scales", quants);
    Optional<SafetensorsTensor> groupIndex = parts.optional(layer + ".g_idx");
    if (quants.shape().size() != 2
        || quants.shape().stream().anyMatch(size -> size < 1 || size > Parts.MAX_SIZE)) {
      throw Parts.wrong(quants, "a matrix");
    }
    int perWord = packing.perWord();
    int rowsPerWord = packing.packsInputs() ? perWord : 1;
    int inputs = Math.toIntExact(quants.shape().get(0) * rowsPerWord);
    int outputs = Math.toIntExact(quants.shape().get(1) * perWord / rowsPerWord);
    int groups = (int) (((long) inputs + groupSize - 1) / groupSize);
    Parts.checkWords(quants, inputs / rowsPerWord, (long) outputs * rowsPerWord / perWord);
    Parts.checkScales(scales, groups, outputs);
    Parts.checkWords(zeros, groups, outputs / perWord);
    if (outputs % perWord != 0) {
      throw Parts.wrong(quants, "a multiple of %d outputs".formatted(perWord));
    }
    if (groupIndex.isPresent()
        && (!groupIndex.get().type().equals("I32")
            || !groupIndex.get().shape().equals(List.of((long) inputs)))) {
      throw Parts.wrong(groupIndex.get(), "I32 [%d]".formatted(inputs));
    }
    return new PackedTensor(
        quants,
        zeros,
        scales,
        packing,
        inputs,
        outputs,
        files -> groups(groupIndex, inputs, groups, files));
  }

  private int[] groups(
      Optional<SafetensorsTensor> groupIndex, int inputs, int groupCount, OpenFiles files)
      throws IOException {
    int[] groups = new int[inputs];
    if (groupIndex.isEmpty()) {
      for (int input = 0; input < inputs; input++) {
        groups[input] = input / groupSize;
      }
      return groups;
    }
    SafetensorsTensor index = groupIndex.get();
    new Words(index, files).read(0, 0, inputs, groups);
    for (int group : groups) {
      if (group < 0 || group >= groupCount) {
        throw new ExportException(
            "%s: tensor %s holds %d, expected 0 to %d"
                .formatted(index.file(), index.range().tensor(), group, groupCount - 1));
      }
    }
    return groups;
  }
}
