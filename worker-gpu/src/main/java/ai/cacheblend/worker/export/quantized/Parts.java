package ai.cacheblend.worker.export.quantized;

import ai.cacheblend.worker.export.ExportException;
import ai.cacheblend.worker.export.weights.SafetensorsTensor;
import ai.cacheblend.worker.export.weights.StoredTensor;
import ai.cacheblend.worker.export.weights.StoredType;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** Finds the tensors that together hold a weight, and records which ones have been used. */
final class Parts {

  static final String WEIGHT = ".weight";

  /** More rows or columns than any layer has. */
  private static final int MAX_SIZE = 1 << 24;

  private final Map<String, SafetensorsTensor> stored;
  private final Set<String> used = new HashSet<>();

  Parts(Map<String, SafetensorsTensor> stored) {
    this.stored = stored;
  }

  /** Gives a layer's weight, from the tensor that names the layer and from others. */
  interface Decoder {
    StoredTensor weight(String layer, SafetensorsTensor named) throws ExportException;
  }

  /**
   * The tensors of the model: one weight for each layer with a tensor of that suffix, and the
   * tensors that belong to no such layer.
   *
   * @param quantised whether a tensor of that suffix is quantised
   */
  Map<String, StoredTensor> decoded(
      String suffix, Predicate<SafetensorsTensor> quantised, Decoder decoder)
      throws ExportException {
    Map<String, StoredTensor> decoded = new LinkedHashMap<>();
    for (Map.Entry<String, SafetensorsTensor> entry : stored.entrySet()) {
      String name = entry.getKey();
      if (name.endsWith(suffix) && quantised.test(entry.getValue())) {
        String layer = name.substring(0, name.length() - suffix.length());
        decoded.put(layer + WEIGHT, decoder.weight(layer, entry.getValue()));
        used.add(name);
      }
    }
    for (Map.Entry<String, SafetensorsTensor> entry : stored.entrySet()) {
      if (!used.contains(entry.getKey()) && decoded.put(entry.getKey(), entry.getValue()) != null) {
        throw wrong(entry.getValue(), "none beside the layer's quantised weight");
      }
    }
    return decoded;
  }

  /** Leaves out a tensor that says nothing more about a weight. */
  void ignore(String name) {
    used.add(name);
  }

  Optional<SafetensorsTensor> optional(String name) {
    used.add(name);
    return Optional.ofNullable(stored.get(name));
  }

  SafetensorsTensor required(String name, SafetensorsTensor weight) throws ExportException {
    return optional(name)
        .orElseThrow(
            () ->
                new ExportException(
                    "%s is missing a tensor: %s, which belongs to %s"
                        .formatted(weight.file(), name, weight.range().tensor())));
  }

  static void checkMatrix(SafetensorsTensor tensor) throws ExportException {
    if (tensor.shape().size() != 2
        || tensor.shape().stream().anyMatch(size -> size < 1 || size > MAX_SIZE)) {
      throw wrong(tensor, "a matrix");
    }
  }

  /** Refuses an int32 matrix of another type or shape. */
  static void checkWords(SafetensorsTensor tensor, long rows, long columns) throws ExportException {
    if (!tensor.type().equals("I32") || !tensor.shape().equals(List.of(rows, columns))) {
      throw wrong(tensor, "I32 [%d, %d]".formatted(rows, columns));
    }
  }

  /** Refuses scales that are not numbers, or of another shape. */
  static void checkScales(SafetensorsTensor tensor, long rows, long columns)
      throws ExportException {
    if (StoredType.ofName(tensor.type()).isEmpty()
        || !tensor.shape().equals(List.of(rows, columns))) {
      throw wrong(tensor, "F16, BF16 or F32 [%d, %d]".formatted(rows, columns));
    }
  }

  static ExportException wrong(SafetensorsTensor tensor, String expected) {
    return new ExportException(
        "%s: tensor %s is %s %s, expected %s"
            .formatted(
                tensor.file(), tensor.range().tensor(), tensor.type(), tensor.shape(), expected));
  }
}
