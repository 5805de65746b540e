package ai.cacheblend.worker.export;

import ai.cacheblend.worker.export.config.CheckpointConfig;
import ai.cacheblend.worker.export.quantized.Quantizations;
import ai.cacheblend.worker.export.weights.SafetensorsFolder;
import ai.cacheblend.worker.export.weights.SafetensorsTensor;
import ai.cacheblend.worker.export.weights.StoredTensor;
import ai.cacheblend.worker.export.weights.TensorSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** A folder as transformers writes it: {@code config.json} with safetensors. */
final class TransformersFormat implements CheckpointFormat {

  private static final String CONFIG_FILE = "config.json";

  @Override
  public Optional<Checkpoint> open(Path path) {
    // A dangling link is refused where the file is read.
    return Files.exists(path.resolve(CONFIG_FILE), LinkOption.NOFOLLOW_LINKS)
        ? Optional.of(new Folder(path))
        : Optional.empty();
  }

  private record Folder(Path path) implements Checkpoint {

    @Override
    public CheckpointConfig config(Set<String> ignoredFields) throws IOException {
      return CheckpointConfig.read(path, ignoredFields);
    }

    @Override
    public Map<String, ? extends StoredTensor> tensors(CheckpointConfig config) throws IOException {
      Map<String, SafetensorsTensor> stored = SafetensorsFolder.read(path);
      if (config.quantization().isEmpty()) {
        return stored;
      }
      Set<String> needed =
          config.blocks(config.model()).stream()
              .flatMap(block -> block.tensors().stream())
              .map(TensorSpec::name)
              .collect(Collectors.toSet());
      return Quantizations.decode(
          path.resolve(CONFIG_FILE), config.quantization().get(), stored, needed);
    }

    @Override
    public Path tokenizerFolder() {
      return path;
    }

    @Override
    public void close() {}
  }
}
