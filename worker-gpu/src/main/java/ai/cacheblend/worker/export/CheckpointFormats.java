package ai.cacheblend.worker.export;

import ai.cacheblend.worker.export.gguf.GgufFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The table of checkpoint formats. */
public final class CheckpointFormats {

  private static final List<CheckpointFormat> ALL =
      List.of(new TransformersFormat(), new GgufFormat());

  private CheckpointFormats() {}

  /** Opens a checkpoint of any format. */
  static Checkpoint open(Path path) throws IOException {
    for (CheckpointFormat format : ALL) {
      Optional<Checkpoint> checkpoint = format.open(path);
      if (checkpoint.isPresent()) {
        return checkpoint.get();
      }
    }
    throw new ExportException(
        Files.isDirectory(path)
            ? path + " has neither config.json nor a .gguf file, expected a checkpoint"
            : path + " is not a directory, expected a Hugging Face checkpoint, or a .gguf file");
  }
}
