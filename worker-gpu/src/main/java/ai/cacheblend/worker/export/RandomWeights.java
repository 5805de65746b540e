package ai.cacheblend.worker.export;

import ai.cacheblend.worker.export.TensorSpec.Role;
import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Weights as an untrained model has them: matrices normal with the config's {@code
 * initializer_range}, norms 1, biases 0. A tensor depends on the seed and its name alone.
 */
record RandomWeights(long seed, double initializerRange) implements WeightSource {

  @Override
  public FloatStream open(TensorSpec tensor) {
    if (tensor.role() != Role.MATRIX) {
      float value = tensor.role() == Role.NORM ? 1 : 0;
      return (into, count) -> Arrays.fill(into, 0, count, value);
    }
    long nameHash = Hashing.sha256().hashString(tensor.name(), StandardCharsets.UTF_8).asLong();
    SplittableRandom random = new SplittableRandom(seed ^ nameHash);
    return (into, count) -> {
      for (int i = 0; i < count; i++) {
        into[i] = (float) (random.nextGaussian() * initializerRange);
      }
    };
  }
}
