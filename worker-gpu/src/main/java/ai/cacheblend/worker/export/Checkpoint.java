package ai.cacheblend.worker.export;

import ai.cacheblend.worker.export.config.CheckpointConfig;
import ai.cacheblend.worker.export.weights.StoredTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/** A checkpoint in one of the formats of {@link CheckpointFormats}. */
public interface Checkpoint extends AutoCloseable {

  /**
   * The configuration.
   *
   * @param ignoredFields unknown fields that the user knows to be irrelevant
   */
  CheckpointConfig config(Set<String> ignoredFields) throws IOException;

  /** The tensors by their names in transformers, after a check of all headers. */
  Map<String, ? extends StoredTensor> tensors(CheckpointConfig config) throws IOException;

  /** A folder with the tokenizer's files, which may lack some; valid until this is closed. */
  Path tokenizerFolder() throws IOException;

  @Override
  void close() throws IOException;
}
