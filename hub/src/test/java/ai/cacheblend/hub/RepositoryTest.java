package ai.cacheblend.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RepositoryTest {

  @ParameterizedTest
  @ValueSource(strings = {"samsum", "mistralai/Mistral-7B-Instruct-v0.2", "a/b_c.d", "_x/y"})
  void acceptsNamesOfTheHub(String id) {
    assertThat(Repository.isValidId(id)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "a/", "/a", "a/b/c", "../a", "a/..", "a--b", "a b", "./a", "-a"})
  void refusesOtherNames(String id) {
    assertThat(Repository.isValidId(id)).isFalse();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Repository.model(id))
        .withMessageContaining("'" + id + "' is not a Hugging Face repository name");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "../main", "a/../b", "/main", "main/", "a b"})
  void refusesRevisionsThatLeaveTheFolder(String name) {
    assertThatIllegalArgumentException().isThrownBy(() -> new Revision(name));
  }

  @Test
  void formatsTheDownloadCommand() {
    assertThat(Repository.model("a/b").downloadCommand()).isEqualTo("cacheblend pull a/b");
    assertThat(Repository.dataset("a/b").downloadCommand())
        .isEqualTo("cacheblend pull --dataset a/b");
  }
}
