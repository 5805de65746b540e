package ai.cacheblend.worker.model;

import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads a model folder's manifest and checks the files that it describes. */
final class ModelFolder {

  private ModelFolder() {}

  static ModelManifest read(Path folder) throws IOException {
    Path file = folder.resolve(ModelManifest.MANIFEST_FILE);
    if (!Files.isRegularFile(file)) {
      throw new ModelFormatException(
          "%s is not a model folder: it has no %s; create one with: cacheblend export --checkpoint"
                  .formatted(folder, ModelManifest.MANIFEST_FILE)
              + " CHECKPOINT --out FOLDER");
    }
    ModelManifest manifest = ManifestJson.read(file);
    requireFile(folder.resolve(ModelManifest.GRAPH_FILE));
    checkWeightsSize(manifest, folder.resolve(ModelManifest.WEIGHTS_FILE));
    if (manifest.tokenizerSha256().isPresent()) {
      checkTokenizer(
          manifest.tokenizerSha256().get(), folder.resolve(ModelManifest.TOKENIZER_FILE));
    }
    return manifest;
  }

  private static void checkWeightsSize(ModelManifest manifest, Path file) throws IOException {
    requireFile(file);
    long expected = manifest.weights().stream().mapToLong(WeightBlock::end).max().orElse(0);
    long actual = Files.size(file);
    if (actual != expected) {
      throw damaged("%s has %d bytes, expected %d".formatted(file, actual, expected));
    }
  }

  private static void checkTokenizer(String expected, Path file) throws IOException {
    requireFile(file);
    String actual = MoreFiles.asByteSource(file).hash(Hashing.sha256()).toString();
    if (!actual.equals(expected)) {
      throw damaged("%s has SHA-256 %s, expected %s".formatted(file, actual, expected));
    }
  }

  private static void requireFile(Path file) throws ModelFormatException {
    if (!Files.isRegularFile(file)) {
      throw damaged(file + " is missing");
    }
  }

  /** The exception for a folder that only a new export repairs. */
  static ModelFormatException damaged(String problem) {
    return new ModelFormatException(problem + "; export the checkpoint again");
  }
}
