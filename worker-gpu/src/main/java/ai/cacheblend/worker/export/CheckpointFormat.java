package ai.cacheblend.worker.export;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** A format of checkpoints. */
public interface CheckpointFormat {

  /**
   * Opens a checkpoint; empty if it is of another format.
   *
   * @param path a directory or a file
   * @throws IOException if it is of this format, but cannot be read
   */
  Optional<Checkpoint> open(Path path) throws IOException;
}
