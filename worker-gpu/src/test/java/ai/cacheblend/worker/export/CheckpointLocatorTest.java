package ai.cacheblend.worker.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CheckpointLocatorTest {

  private static final String NAME = "acme/tiny-model_v0.2";

  @TempDir Path folder;

  private Path cached(Path hub, String commit) throws IOException {
    Path model = hub.resolve("models--acme--tiny-model_v0.2");
    Files.createDirectories(model.resolve("refs"));
    Files.writeString(model.resolve("refs/main"), commit + "\n");
    return Files.createDirectories(model.resolve("snapshots").resolve(commit));
  }

  private Path locate(Map<String, String> environment) throws IOException {
    return new CheckpointLocator(environment, folder.resolve("home")).locate(NAME);
  }

  @Test
  void aFolderIsTakenAsItIs() throws IOException {
    Path checkpoint = Files.createDirectories(folder.resolve("my model"));
    assertThat(new CheckpointLocator(Map.of(), folder).locate(checkpoint.toString()))
        .isEqualTo(checkpoint);
    assertThat(CheckpointLocator.nameOf(checkpoint.toString())).isEqualTo("my model");
    assertThat(CheckpointLocator.nameOf(NAME)).isEqualTo(NAME);
  }

  @Test
  void findsTheSnapshotOfMainInEachPlaceTheCacheMayBe() throws IOException {
    Path inHome = cached(folder.resolve("home/.cache/huggingface/hub"), "aaa1");
    Path inXdg = cached(folder.resolve("xdg/huggingface/hub"), "bbb2");
    Path inHfHome = cached(folder.resolve("hf/hub"), "ccc3");
    Path inHub = cached(folder.resolve("hub"), "ddd4");

    assertThat(locate(Map.of())).isEqualTo(inHome);
    String xdg = folder.resolve("xdg").toString();
    assertThat(locate(Map.of("XDG_CACHE_HOME", xdg))).isEqualTo(inXdg);
    String hfHome = folder.resolve("hf").toString();
    assertThat(locate(Map.of("HF_HOME", hfHome, "XDG_CACHE_HOME", xdg))).isEqualTo(inHfHome);
    String hub = folder.resolve("hub").toString();
    assertThat(locate(Map.of("HF_HUB_CACHE", hub, "HF_HOME", hfHome))).isEqualTo(inHub);
    assertThat(locate(Map.of("HF_HUB_CACHE", ""))).isEqualTo(inHome);
  }

  @Test
  void saysHowToGetAModelThatIsNotThere() {
    assertThatThrownBy(() -> locate(Map.of()))
        .isInstanceOf(ExportException.class)
        .hasMessageContaining(NAME + " is no folder")
        .hasMessageContaining("home/.cache/huggingface/hub/models--acme--tiny-model_v0.2/refs/main")
        .hasMessageEndingWith("hf download " + NAME);
  }

  @Test
  void refusesAReferenceThatLeadsNowhere() throws IOException {
    Path hub = folder.resolve("home/.cache/huggingface/hub");
    Files.delete(cached(hub, "aaa1"));
    assertThatThrownBy(() -> locate(Map.of())).hasMessageContaining("names the commit 'aaa1'");
    Files.writeString(hub.resolve("models--acme--tiny-model_v0.2/refs/main"), "../../..");
    assertThatThrownBy(() -> locate(Map.of())).hasMessageContaining("names the commit '../../..'");
  }

  @Test
  void whatCannotBeANameIsNotLookedUp() {
    CheckpointLocator locator = new CheckpointLocator(Map.of(), folder);
    for (String path : new String[] {"../up", "/no/such/folder", "a/b/c", "a b", "./none/"}) {
      assertThatThrownBy(() -> locator.locate(path))
          .isInstanceOf(ExportException.class)
          .hasMessageContaining("is no folder, nor is it a Hugging Face model name");
    }
  }
}
