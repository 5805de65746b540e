package ai.cacheblend.worker.export.weights;

import ai.cacheblend.worker.export.weights.TensorSpec.Role;
import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Weights of an untrained model: matrices are normal with the config's {@code initializer_range} as
 * standard deviation, norms multiply by 1, biases are 0. A tensor depends on the seed and its name
 * alone.
 */
public record RandomWeights(long seed, double initializerRange) implements WeightSource {

  @Override
  public FloatStream open(TensorSpec tensor) {
    if (tensor.role() != Role.MATRIX) {
      float value = tensor.role() == Role.NORM ? 1 : 0;
      return (into, count) -> Arrays.fill(into, 0, count, value);
    }
    long nameHash = Hashing.sha256().hashString(tensor.name(), StandardCharsets.UTF_8).asLong();
    return new NormalStream(seed ^ nameHash, initializerRange);
  }

  /** Blocks of numbers, each from its own generator, so that they are drawn in parallel. */
  private static final class NormalStream implements FloatStream {
    private static final int BLOCK = 1 << 13;

    private final SplittableRandom seeds;
    private final double deviation;

    NormalStream(long seed, double deviation) {
      this.seeds = new SplittableRandom(seed);
      this.deviation = deviation;
    }

    /**
     * All calls but the last must read whole blocks, so that the result does not depend on them.
     */
    @Override
    public void read(float[] into, int count) {
      SplittableRandom[] generators = new SplittableRandom[(count + BLOCK - 1) / BLOCK];
      Arrays.setAll(generators, block -> seeds.split());
      IntStream.range(0, generators.length)
          .parallel()
          .forEach(
              block -> {
                int end = Math.min(count, (block + 1) * BLOCK);
                for (int i = block * BLOCK; i < end; i++) {
                  into[i] = (float) (generators[block].nextGaussian() * deviation);
                }
              });
    }
  }
}
