package ai.cacheblend.worker.export.gguf;

import ai.cacheblend.worker.export.Checkpoint;
import ai.cacheblend.worker.export.CheckpointFiles;
import ai.cacheblend.worker.export.CheckpointFormat;
import ai.cacheblend.worker.export.ExportException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A {@code .gguf} file, or a folder with one. */
public final class GgufFormat implements CheckpointFormat {

  private static final String SUFFIX = ".gguf";
  private static final String SPLIT_COUNT = "split.count";

  @Override
  public Optional<Checkpoint> open(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      CheckpointFiles.checkContent(path);
      return path.toString().endsWith(SUFFIX) && Files.isRegularFile(path)
          ? Optional.of(read(path, Optional.empty()))
          : Optional.empty();
    }
    List<Path> files;
    try (Stream<Path> list = Files.list(path)) {
      files = list.filter(file -> file.toString().endsWith(SUFFIX)).sorted().toList();
    }
    if (files.isEmpty()) {
      return Optional.empty();
    }
    if (files.size() > 1) {
      throw new ExportException(
          "%s has %d .gguf files; give one of them as --checkpoint, for example %s"
              .formatted(path, files.size(), files.get(0)));
    }
    CheckpointFiles.checkContent(files.get(0));
    return Optional.of(read(files.get(0), Optional.of(path)));
  }

  private static Checkpoint read(Path path, Optional<Path> folder) throws IOException {
    GgufFile file = GgufFile.open(path);
    JsonNode parts = file.metadata().get(SPLIT_COUNT);
    if (parts != null && parts.asInt() > 1) {
      throw new ExportException(
          "%s is one of %s parts; join them: llama-gguf-split --merge FIRST_PART OUT.gguf"
              .formatted(path, parts));
    }
    JsonNode name = file.metadata().get("general.architecture");
    GgufArchitecture architecture =
        GgufArchitecture.ofName(name == null ? "" : name.asText())
            .orElseThrow(
                () ->
                    new ExportException(
                        "%s: general.architecture is %s, expected %s"
                            .formatted(path, name, GgufArchitecture.names())));
    return new GgufCheckpoint(file, architecture, folder);
  }
}
