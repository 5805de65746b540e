package ai.cacheblend.worker.export.quantized;

import ai.cacheblend.worker.export.weights.OpenFiles;
import ai.cacheblend.worker.export.weights.StoredTensor;
import ai.cacheblend.worker.export.weights.WeightSource.FloatStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Biases of zeros that AutoGPTQ gave every layer that it quantised. */
final class ZeroBiases {

  private static final String BIAS = ".bias";

  /** More than a layer has outputs. */
  private static final long MAX_ELEMENTS = 1 << 20;

  private ZeroBiases() {}

  /** The tensors without those biases of zeros that the model does not have. */
  static Map<String, StoredTensor> removed(Map<String, StoredTensor> tensors, Set<String> needed)
      throws IOException {
    Map<String, StoredTensor> kept = new LinkedHashMap<>();
    try (OpenFiles files = new OpenFiles()) {
      for (Map.Entry<String, StoredTensor> entry : tensors.entrySet()) {
        String name = entry.getKey();
        if (!name.endsWith(BIAS) || needed.contains(name) || !isZero(entry.getValue(), files)) {
          kept.put(name, entry.getValue());
        }
      }
    }
    return kept;
  }

  private static boolean isZero(StoredTensor tensor, OpenFiles files) throws IOException {
    boolean vector = tensor.shape().size() == 1 && tensor.shape().get(0) <= MAX_ELEMENTS;
    if (!vector || tensor.defect().isPresent()) {
      return false;
    }
    float[] numbers = new float[tensor.shape().get(0).intValue()];
    FloatStream stream = tensor.open(files);
    stream.read(numbers, numbers.length);
    for (float number : numbers) {
      if (number != 0) {
        return false;
      }
    }
    return true;
  }
}
