package ai.cacheblend.worker.export.gguf;

import ai.cacheblend.worker.export.Checkpoint;
import ai.cacheblend.worker.export.config.CheckpointConfig;
import ai.cacheblend.worker.export.tokenizer.TemporaryFolder;
import ai.cacheblend.worker.export.weights.StoredTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A GGUF file as a checkpoint of transformers. */
final class GgufCheckpoint implements Checkpoint {

  private final GgufFile file;
  private final GgufArchitecture architecture;
  private final Optional<Path> folder;
  private Optional<TemporaryFolder> converted = Optional.empty();

  /**
   * Takes a file whose header has been read.
   *
   * @param folder whose tokenizer, if it has one, is used instead of the file's
   */
  GgufCheckpoint(GgufFile file, GgufArchitecture architecture, Optional<Path> folder) {
    this.file = file;
    this.architecture = architecture;
    this.folder = folder;
  }

  @Override
  public CheckpointConfig config(Set<String> ignoredFields) throws IOException {
    return CheckpointConfig.of(
        file.path(),
        GgufConfig.of(file, architecture, RopeFactors.read(file.tensors())),
        ignoredFields);
  }

  @Override
  public Map<String, ? extends StoredTensor> tensors(CheckpointConfig config) {
    int headSize = config.model().attention().headSize();
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    file.tensors()
        .forEach(
            (name, tensor) -> {
              if (!RopeFactors.TENSORS.contains(name)) {
                tensors.put(architecture.tensorName(name), asStored(name, tensor, headSize));
              }
            });
    return tensors;
  }

  private StoredTensor asStored(String name, StoredTensor tensor, int headSize) {
    if (architecture.interleavedHeads() && name.matches("blk\\.\\d+\\.attn_[qk]\\..*")) {
      return new InterleavedTensor(tensor, headSize);
    }
    return architecture.gemma().isPresent() && name.endsWith("norm.weight")
        ? new MinusOneTensor(tensor)
        : tensor;
  }

  @Override
  public Path tokenizerFolder() throws IOException {
    if (folder.isPresent() && Files.exists(folder.get().resolve("tokenizer.json"))) {
      return folder.get();
    }
    if (converted.isEmpty()) {
      TemporaryFolder temporary = TemporaryFolder.create();
      converted = Optional.of(temporary);
      GgufTokenizer.write(file, architecture, temporary);
    }
    return converted.get().path();
  }

  @Override
  public void close() throws IOException {
    if (converted.isPresent()) {
      converted.get().close();
    }
  }
}
