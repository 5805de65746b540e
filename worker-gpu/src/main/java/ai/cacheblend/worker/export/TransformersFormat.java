package ai.cacheblend.worker.export;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;

/** A folder as transformers writes it: {@code config.json} with safetensors. */
final class TransformersFormat implements CheckpointFormat {

  static final String CONFIG_FILE = "config.json";

  @Override
  public Optional<Checkpoint> open(Path path) {
    // A dangling link is refused where the file is read.
    return Files.exists(path.resolve(CONFIG_FILE), LinkOption.NOFOLLOW_LINKS)
        ? Optional.of(new TransformersFolder(path))
        : Optional.empty();
  }
}
