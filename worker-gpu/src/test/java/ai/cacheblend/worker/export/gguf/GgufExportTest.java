package ai.cacheblend.worker.export.gguf;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.worker.export.Checkpoint;
import ai.cacheblend.worker.export.ExportProgress;
import ai.cacheblend.worker.export.ExportRequest;
import ai.cacheblend.worker.export.Exporter;
import ai.cacheblend.worker.export.config.CheckpointConfig;
import ai.cacheblend.worker.export.weights.BlockSource;
import ai.cacheblend.worker.export.weights.TensorSpec;
import ai.cacheblend.worker.model.ModelManifest;
import ai.cacheblend.worker.model.WeightBlock;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.hash.Hashing;
import com.google.common.io.Resources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Exports of GGUF files against what transformers reads from them. */
final class GgufExportTest {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  @TempDir Path folder;

  static Path resource(String name) {
    return Path.of(Resources.getResource("gguf/" + name).getPath());
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "qwen2", "qwen3", "phi3", "mixed"})
  void exportsTheNumbersAndTheConfigurationOfTransformers(String name) throws IOException {
    assertExport(name, resource(name + ".gguf"));
  }

  /** Files of Gemma are exported with the tokenizer of the original model. */
  @ParameterizedTest
  @ValueSource(strings = {"gemma2", "gemma3"})
  void exportsGemmaWithATokenizerBesideTheFile(String name) throws IOException {
    Path tokenizer = folder.resolve("llama");
    ModelManifest unused =
        new Exporter(ExportProgress.NONE)
            .export(ExportRequest.of(resource("llama.gguf"), tokenizer));
    Path checkpoint = Files.createDirectory(folder.resolve("checkpoint"));
    Files.copy(resource(name + ".gguf"), checkpoint.resolve("gemma.gguf"));
    Files.copy(tokenizer.resolve("tokenizer.json"), checkpoint.resolve("tokenizer.json"));
    assertExport(name, checkpoint);
  }

  private void assertExport(String name, Path file) throws IOException {
    JsonNode expected = MAPPER.readTree(resource(name + ".json").toFile());
    Path out = folder.resolve("model");
    ModelManifest manifest = new Exporter(ExportProgress.NONE).export(ExportRequest.of(file, out));

    CheckpointConfig config =
        CheckpointConfig.of(file, (ObjectNode) expected.path("config"), Set.of());
    assertThat(manifest.config()).isEqualTo(config.model());
    int tensors = 0;
    byte[] weights = Files.readAllBytes(out.resolve(ModelManifest.WEIGHTS_FILE));
    for (BlockSource source : config.blocks(config.model())) {
      WeightBlock block = manifest.weight(source.block());
      int offset = (int) block.offset();
      for (TensorSpec tensor : source.tensors()) {
        int bytes = 4 * tensor.shape().stream().reduce(1, Math::multiplyExact);
        assertThat(Hashing.sha256().hashBytes(weights, offset, bytes).toString())
            .as(tensor.name())
            .isEqualTo(expected.path("sha256").path(tensor.name()).asText());
        offset += bytes;
        tensors++;
      }
    }
    int tied = config.model().vocabulary().tiedOutput() ? 1 : 0;
    assertThat(expected.path("sha256").size()).isEqualTo(tensors + tied);
  }

  @Test
  void takesTheOnlyFileOfAFolderAndTheTokenizerBesideIt() throws IOException {
    Path checkpoint = Files.createDirectory(folder.resolve("checkpoint"));
    Files.copy(resource("llama.gguf"), checkpoint.resolve("llama.gguf"));
    ModelManifest converted =
        new Exporter(ExportProgress.NONE)
            .export(ExportRequest.of(checkpoint, folder.resolve("converted")));
    assertThat(converted.bosTokenId()).hasValue(1);
    assertThat(converted.eosTokenIds()).containsExactly(2);

    String tokenizer = Files.readString(folder.resolve("converted/tokenizer.json"));
    Files.writeString(checkpoint.resolve("tokenizer.json"), " " + tokenizer);
    ModelManifest beside =
        new Exporter(ExportProgress.NONE)
            .export(ExportRequest.of(checkpoint, folder.resolve("beside")));
    assertThat(folder.resolve("beside/tokenizer.json")).hasContent(" " + tokenizer);
    assertThat(beside.fingerprint()).isEqualTo(converted.fingerprint());
  }

  @Test
  void deletesTheConvertedTokenizer() throws IOException {
    Path tokenizer;
    try (Checkpoint checkpoint = new GgufFormat().open(resource("llama.gguf")).orElseThrow()) {
      tokenizer = checkpoint.tokenizerFolder();
      assertThat(tokenizer.resolve("tokenizer.json")).exists();
    }
    assertThat(tokenizer).doesNotExist();
  }
}
