package ai.cacheblend.worker.export.weights;

import ai.cacheblend.worker.export.weights.WeightSource.FloatStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A tensor of a checkpoint, in one of the formats. */
public interface StoredTensor {

  /** The file that holds it, for messages. */
  Path file();

  /** Sizes of the dimensions of its numbers, rows first. */
  List<Long> shape();

  /** Why it cannot be read as weights, as the rest of a sentence; empty if it can. */
  default Optional<String> defect() {
    return Optional.empty();
  }

  /**
   * A stream over its numbers, row-major. Streams are independent of each other.
   *
   * @throws IOException if the files cannot be read
   */
  FloatStream open(OpenFiles files) throws IOException;
}
