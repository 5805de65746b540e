package ai.cacheblend.worker.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.cacheblend.hub.HubCache;
import ai.cacheblend.hub.Revision;
import ai.cacheblend.hub.UserDirectories;
import ai.cacheblend.worker.model.ModelManifest;
import com.google.common.base.Splitter;
import com.google.common.io.Resources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelLocatorTest {
  private static final Path POCKET = Path.of("models", "pocket");

  @TempDir private Path folder;

  private final List<String> messages = new ArrayList<>();

  @Test
  void exportsACheckpointOnceAndAgainAfterAChange() throws IOException {
    Path checkpoint = Files.createDirectory(folder.resolve("pocket"));
    for (String name :
        Splitter.on(' ')
            .split("config.json model.safetensors tokenizer.json tokenizer_config.json")) {
      Files.copy(POCKET.resolve(name), checkpoint.resolve(name));
    }

    ModelLocator.Located first = locator().locate(checkpoint.toString());
    ModelLocator.Located second = locator().locate(checkpoint.toString());
    Files.setLastModifiedTime(checkpoint.resolve("config.json"), FileTime.fromMillis(1));
    ModelLocator.Located third = locator().locate(checkpoint.toString());

    assertThat(first.folder()).startsWith(folder.resolve("cache"));
    assertThat(first.fromCache()).isTrue();
    assertThat(ModelManifest.read(first.folder()).name()).isEqualTo("pocket");
    assertThat(second).isEqualTo(first);
    assertThat(third.folder()).isNotEqualTo(first.folder());
    assertThat(messages)
        .extracting(message -> Splitter.on(' ').split(message).iterator().next())
        .filteredOn(word -> !word.equals("weights"))
        .containsExactly("exporting", "using", "exporting");
    assertThat(messages).filteredOn(message -> message.startsWith("weights 100 %")).hasSize(2);
  }

  @Test
  void exportsAGgufFileAloneOrInAFolder() throws IOException {
    Path checkpoint = Files.createDirectory(folder.resolve("checkpoint"));
    Path file = checkpoint.resolve("llama.gguf");
    Files.copy(Path.of(Resources.getResource("gguf/llama.gguf").getPath()), file);

    ModelLocator.Located first = locator().locate(file.toString());
    ModelLocator.Located second = locator().locate(file.toString());
    ModelLocator.Located ofFolder = locator().locate(checkpoint.toString());

    assertThat(first.fromCache()).isTrue();
    assertThat(second).isEqualTo(first);
    assertThat(ModelManifest.read(first.folder()).name()).isEqualTo("llama.gguf");
    assertThat(ModelManifest.read(ofFolder.folder()).fingerprint())
        .isEqualTo(ModelManifest.read(first.folder()).fingerprint());
  }

  @Test
  void usesAModelFolderInPlace() throws IOException {
    Files.createFile(folder.resolve("model.json"));

    assertThat(locator().locate(folder.toString()))
        .isEqualTo(new ModelLocator.Located(folder, false));
    assertThat(messages).isEmpty();
  }

  @Test
  void namesAnExportCacheThatCannotBeCreated() throws IOException {
    Files.createFile(folder.resolve("cache"));
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> locator().locate(POCKET.toString()))
        .withMessageContainingAll(
            folder.resolve("cache") + " cannot be created", "XDG_CACHE_HOME", "--model");
  }

  @Test
  void namesAModelThatIsNotCached() {
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> locator().locate("some/model"))
        .withMessageContaining("some/model");
  }

  @Test
  void exportedModelsAreInTheUsersCache() {
    assertThat(ModelLocator.exportCache(new UserDirectories(Map.of(), "/home/u")))
        .isEqualTo(Path.of("/home/u/.cache/cacheblend/models"));
    assertThat(
            ModelLocator.exportCache(new UserDirectories(Map.of("XDG_CACHE_HOME", "x"), "/home/u")))
        .isEqualTo(Path.of("x", "cacheblend", "models"));
  }

  private ModelLocator locator() {
    HubCache cache = new HubCache(folder.resolve("hf"));
    return new ModelLocator(
        new CheckpointLocator((model, files) -> cache.require(model, Revision.MAIN)),
        folder.resolve("cache"),
        messages::add);
  }
}
