package ai.cacheblend.worker.export;

import java.io.IOException;

/** Where the numbers of the weights come from. */
interface WeightSource {

  /** A stream over all numbers of a tensor, row-major. */
  FloatStream open(TensorSpec tensor) throws IOException;

  /** Hands out the next numbers. Whoever reads knows how many there are. */
  @FunctionalInterface
  interface FloatStream {
    void read(float[] into, int count) throws IOException;
  }
}
