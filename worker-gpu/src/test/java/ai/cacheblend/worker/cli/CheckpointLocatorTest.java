package ai.cacheblend.worker.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import ai.cacheblend.hub.HubCache;
import ai.cacheblend.hub.ModelFiles;
import ai.cacheblend.hub.Revision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CheckpointLocatorTest {

  private static final String NAME = "acme/tiny-model_v0.2";

  @TempDir Path folder;

  private Path locate(String directoryOrName) throws IOException {
    HubCache cache = new HubCache(folder.resolve("hub"));
    return new CheckpointLocator((model, files) -> cache.require(model, Revision.MAIN))
        .locate(directoryOrName, ModelFiles.ALL);
  }

  @Test
  void returnsADirectoryUnchanged() throws IOException {
    Path checkpoint = Files.createDirectories(folder.resolve("my model"));
    assertThat(locate(checkpoint.toString())).isEqualTo(checkpoint);
    assertThat(CheckpointLocator.nameOf(checkpoint.toString())).isEqualTo("my model");
    assertThat(CheckpointLocator.nameOf(NAME)).isEqualTo(NAME);
  }

  @Test
  void findsAModelInTheCache() throws IOException {
    Path model = folder.resolve("hub/models--acme--tiny-model_v0.2");
    Path snapshot = Files.createDirectories(model.resolve("snapshots/abc"));
    Files.createDirectories(model.resolve("refs"));
    Files.writeString(model.resolve("refs/main"), "abc");
    assertThat(locate(NAME)).isEqualTo(snapshot);
  }

  @Test
  void namesTheDownloadCommandOfAModelThatIsNotCached() {
    assertThatIOException()
        .isThrownBy(() -> locate(NAME))
        .withMessageStartingWith(NAME + " is not a directory, and the Hugging Face cache has no ")
        .withMessageEndingWith("; download it with: cacheblend pull " + NAME);
  }

  @Test
  void rejectsArgumentsThatAreNeitherDirectoryNorName() {
    for (String path : new String[] {"../up", "/no/such/folder", "a/b/c", "a b", "./none/"}) {
      assertThatIOException()
          .isThrownBy(() -> locate(path))
          .withMessage(
              path + " is neither a directory, a .gguf file nor a Hugging Face model name");
    }
  }
}
