package ai.cacheblend.worker.export;

import ai.cacheblend.worker.export.config.CheckpointConfig;
import ai.cacheblend.worker.export.quantized.Quantizations;
import ai.cacheblend.worker.export.tokenizer.SentencePieceTokenizer;
import ai.cacheblend.worker.export.tokenizer.TemporaryFolder;
import ai.cacheblend.worker.export.weights.SafetensorsFolder;
import ai.cacheblend.worker.export.weights.SafetensorsTensor;
import ai.cacheblend.worker.export.weights.StoredTensor;
import ai.cacheblend.worker.export.weights.TensorSpec;
import ai.cacheblend.worker.model.ModelManifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** A folder as transformers writes it. */
final class TransformersFolder implements Checkpoint {

  private final Path path;
  private Optional<TemporaryFolder> converted = Optional.empty();

  TransformersFolder(Path path) {
    this.path = path;
  }

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
        path.resolve(TransformersFormat.CONFIG_FILE), config.quantization().get(), stored, needed);
  }

  /** The folder itself, or one with its tokenizer, converted. */
  @Override
  public Path tokenizerFolder() throws IOException {
    // A dangling link is refused where the file is read.
    if (Files.exists(path.resolve(ModelManifest.TOKENIZER_FILE), LinkOption.NOFOLLOW_LINKS)
        || !Files.isRegularFile(path.resolve(SentencePieceTokenizer.FILE))) {
      return path;
    }
    if (converted.isEmpty()) {
      CheckpointFiles.checkContent(path.resolve(SentencePieceTokenizer.FILE));
      TemporaryFolder folder = TemporaryFolder.create();
      converted = Optional.of(folder);
      try {
        SentencePieceTokenizer.convert(path, folder);
      } catch (IllegalArgumentException e) {
        throw new ExportException(
            "%s has no %s, and its %s cannot be converted: %s; create it: %s"
                .formatted(
                    path,
                    ModelManifest.TOKENIZER_FILE,
                    SentencePieceTokenizer.FILE,
                    e.getMessage(),
                    TokenizerExport.commandFor(path)),
            e);
      }
      TokenizerExport.copyOthers(path, folder.path());
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
