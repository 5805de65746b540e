package ai.cacheblend.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Expected values are those of huggingface_hub's {@code constants.py}. */
final class UserDirectoriesTest {

  private static UserDirectories of(String... variables) {
    Map<String, String> environment = new HashMap<>();
    for (int i = 0; i < variables.length; i += 2) {
      environment.put(variables[i], variables[i + 1]);
    }
    return new UserDirectories(environment, "/passwd");
  }

  private static void hub(String expected, String... variables) {
    assertThat(of(variables).hubCache()).isEqualTo(Path.of(expected));
  }

  @Test
  void homeOfTheEnvironmentPrecedesThePasswordFile() {
    hub("/h/.cache/huggingface/hub", "HOME", "/h");
    hub("/passwd/.cache/huggingface/hub");
    hub("/passwd/.cache/huggingface/hub", "HOME", "");
    assertThat(new UserDirectories(Map.of(), "?").home()).isEqualTo(Path.of("/"));
  }

  @Test
  void mostSpecificVariableIsUsed() {
    hub("/x/huggingface/hub", "XDG_CACHE_HOME", "/x");
    hub("/hf/hub", "XDG_CACHE_HOME", "/x", "HF_HOME", "/hf");
    hub("/old", "HF_HOME", "/hf", "HUGGINGFACE_HUB_CACHE", "/old");
    hub("/new", "HUGGINGFACE_HUB_CACHE", "/old", "HF_HUB_CACHE", "/new");
    hub("/hf/hub", "HF_HOME", "/hf", "HF_HUB_CACHE", " ");
  }

  @Test
  void expandsHomeAndVariables() {
    hub("/h/hf/hub", "HOME", "/h", "HF_HOME", "~/hf");
    hub("/h", "HOME", "/h", "HF_HUB_CACHE", "~");
    hub("/s/$x/hub", "SCRATCH", "/s", "HF_HOME", "$SCRATCH/$x");
    hub("/s1/hub", "SCRATCH", "/s", "HF_HOME", "${SCRATCH}1");
    hub("/a$b/c", "DOLLAR", "a$b", "HF_HUB_CACHE", "/$DOLLAR/c");
    hub("~someone/hf/hub", "HF_HOME", "~someone/hf");
    hub("/a/~/hub", "HOME", "/h", "HF_HOME", "/a/~");
  }

  @Test
  void datasetsCacheFollowsTheHome() {
    assertThat(of("HF_HOME", "~/hf", "HOME", "/h").datasetsCache())
        .isEqualTo(Path.of("/h/hf/datasets"));
    assertThat(of("HF_DATASETS_CACHE", "/d").datasetsCache()).isEqualTo(Path.of("/d"));
  }
}
