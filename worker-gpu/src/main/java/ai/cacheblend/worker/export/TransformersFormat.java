package ai.cacheblend.worker.export;

import ai.cacheblend.worker.export.config.CheckpointConfig;
import ai.cacheblend.worker.export.weights.SafetensorsFolder;
import ai.cacheblend.worker.export.weights.StoredTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A folder as transformers writes it: {@code config.json} with safetensors. */
final class TransformersFormat implements CheckpointFormat {

  @Override
  public Optional<Checkpoint> open(Path path) {
    // A dangling link is refused where the file is read.
    return Files.exists(path.resolve("config.json"), LinkOption.NOFOLLOW_LINKS)
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
      return SafetensorsFolder.read(path);
    }

    @Override
    public Path tokenizerFolder() {
      return path;
    }

    @Override
    public void close() {}
  }
}
