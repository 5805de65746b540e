package ai.cacheblend.worker.export.gguf;

import static java.util.Objects.requireNonNull;

import ai.cacheblend.worker.export.weights.OpenFiles;
import ai.cacheblend.worker.export.weights.StoredTensor;
import ai.cacheblend.worker.export.weights.WeightSource.FloatStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A norm of Gemma. The file holds 1 + weight in fp32, transformers the weight. The difference is
 * exact, so that 1 + it is the number of the file again.
 */
record MinusOneTensor(StoredTensor stored) implements StoredTensor {
  MinusOneTensor {
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
    FloatStream numbers = stored.open(files);
    return (into, count) -> {
      numbers.read(into, count);
      for (int i = 0; i < count; i++) {
        into[i] -= 1;
      }
    };
  }
}
