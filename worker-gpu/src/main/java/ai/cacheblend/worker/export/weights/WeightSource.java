package ai.cacheblend.worker.export.weights;

import java.io.IOException;

/** Provides the numbers of the weights. */
public interface WeightSource {

  /** A stream over all numbers of a tensor, row-major. */
  FloatStream open(TensorSpec tensor) throws IOException;

  /** Reads the next numbers; the caller knows how many a tensor has. */
  @FunctionalInterface
  interface FloatStream {
    void read(float[] into, int count) throws IOException;
  }
}
