package ai.cacheblend.worker.export.gguf;

import static java.util.Objects.requireNonNull;

import ai.cacheblend.worker.export.weights.HeadStream;
import ai.cacheblend.worker.export.weights.OpenFiles;
import ai.cacheblend.worker.export.weights.StoredTensor;
import ai.cacheblend.worker.export.weights.WeightSource.FloatStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A query or key projection whose rows have the order of the original Llama. It rotates rows 2i and
 * 2i + 1 of a head; transformers rotates rows i and i + headSize/2.
 */
record InterleavedTensor(StoredTensor stored, int headSize) implements StoredTensor {
  InterleavedTensor {
    requireNonNull(stored, "stored is null");
  }

  @Override
  public Path file() {
    return stored.file();
  }

  @Override
  public List<Long> shape() {
    return stored.shape();
  }

  @Override
  public FloatStream open(OpenFiles files) throws IOException {
    int columns = shape().size() == 1 ? 1 : Math.toIntExact(shape().get(1));
    int heads = Math.toIntExact(shape().get(0) / headSize);
    int half = headSize / 2;
    return new HeadStream(
        stored.open(files), columns, heads, headSize, row -> row % half * 2 + row / half);
  }
}
