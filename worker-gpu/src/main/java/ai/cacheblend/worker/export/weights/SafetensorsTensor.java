package ai.cacheblend.worker.export.weights;

import static java.util.Objects.requireNonNull;

import ai.cacheblend.worker.export.weights.WeightSource.FloatStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A tensor of a safetensors file.
 *
 * @param type the file's name of the number format
 */
public record SafetensorsTensor(FileRange range, String type, List<Long> shape)
    implements StoredTensor {
  public SafetensorsTensor {
    requireNonNull(range, "range is null");
    requireNonNull(type, "type is null");
    shape = List.copyOf(shape);
  }

  @Override
  public Path file() {
    return range.file();
  }

  @Override
  public Optional<String> defect() {
    return StoredType.ofName(type).isPresent()
        ? Optional.empty()
        : Optional.of("has dtype %s, expected F32, F16, BF16 or F64".formatted(type));
  }

  @Override
  public FloatStream open(OpenFiles files) {
    return new BlockStream(range, StoredType.ofName(type).orElseThrow(), files);
  }
}
