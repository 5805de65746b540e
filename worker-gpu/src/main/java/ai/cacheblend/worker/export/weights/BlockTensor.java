package ai.cacheblend.worker.export.weights;

import static java.util.Objects.requireNonNull;

import ai.cacheblend.worker.export.weights.WeightSource.FloatStream;
import java.nio.file.Path;
import java.util.List;

/** A tensor whose numbers stand in a file one block after the other. */
public record BlockTensor(FileRange range, List<Long> shape, BlockDecoder decoder)
    implements StoredTensor {
  public BlockTensor {
    requireNonNull(range, "range is null");
    requireNonNull(decoder, "decoder is null");
    shape = List.copyOf(shape);
  }

  @Override
  public Path file() {
    return range.file();
  }

  @Override
  public FloatStream open(OpenFiles files) {
    return new BlockStream(range, decoder, files);
  }
}
