package ai.cacheblend.worker.export.gguf;

import ai.cacheblend.worker.export.weights.BlockTensor;
import ai.cacheblend.worker.export.weights.OpenFiles;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Divisors of the angles of the rotary embedding, one per pair, which a GGUF file has as tensors.
 *
 * @param ofShort of sequences within the original context
 * @param ofLong of longer sequences
 */
record RopeFactors(List<Double> ofShort, List<Double> ofLong) {

  private static final String ALL = "rope_freqs.weight";
  private static final String SHORT = "rope_factors_short.weight";
  private static final String LONG = "rope_factors_long.weight";

  /** Names of the tensors. */
  static final Set<String> TENSORS = Set.of(ALL, SHORT, LONG);

  /** More than the pairs of any head. */
  private static final int MAX_PAIRS = 1 << 12;

  RopeFactors {
    ofShort = List.copyOf(ofShort);
    ofLong = List.copyOf(ofLong);
  }

  static Optional<RopeFactors> read(Map<String, BlockTensor> tensors) throws IOException {
    BlockTensor ofShort = tensors.getOrDefault(SHORT, tensors.get(ALL));
    BlockTensor ofLong = tensors.getOrDefault(LONG, tensors.get(ALL));
    if (ofShort == null || ofLong == null) {
      return Optional.empty();
    }
    return Optional.of(new RopeFactors(numbers(ofShort), numbers(ofLong)));
  }

  private static List<Double> numbers(BlockTensor tensor) throws IOException {
    int block = tensor.decoder().blockElements();
    int count = (int) Math.min(tensor.shape().get(0), MAX_PAIRS) / block * block;
    float[] values = new float[count];
    try (OpenFiles files = new OpenFiles()) {
      tensor.open(files).read(values, count);
    }
    List<Double> numbers = new ArrayList<>();
    for (float value : values) {
      // The shortest decimal: the number that a config.json has.
      numbers.add(Double.parseDouble(Float.toString(value)));
    }
    return numbers;
  }
}
