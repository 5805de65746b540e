package ai.cacheblend.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BuildTest {
  @TempDir Path folder;

  @Test
  void thisBuildHasAVersionAndAHash() {
    Build build = Build.of(Build.class);

    assertThat(build.version()).matches("\\d+\\.\\d+.*").isEqualTo(Build.currentVersion());
    assertThat(build.codeSha256()).matches("[0-9a-f]{64}");
  }

  @Test
  void commitIsThatOfTheCheckout() {
    String commit = "0123456789abcdef0123456789abcdef01234567";

    assertThat(Build.of("1", commit, "c0de"))
        .isEqualTo(new Build("1", Optional.of(commit), false, "c0de"));
    assertThat(Build.of("1", commit + "-dirty", "c0de"))
        .isEqualTo(new Build("1", Optional.of(commit), true, "c0de"));
    assertThat(Build.of("1", "${git.describe}", "c0de"))
        .isEqualTo(new Build("1", Optional.empty(), false, "c0de"));
    assertThat(Build.of("1", "", "c0de").commit()).isEmpty();
  }

  @Test
  void jarAndDirectoryOfTheSameClassesHaveTheSameHash() throws IOException {
    Path classes = classes("one", "Main.class", "code");
    Path jar = folder.resolve("one.jar");
    try (FileSystem zip = FileSystems.newFileSystem(jar, Map.of("create", "true"))) {
      Files.createDirectories(zip.getPath("/a"));
      Files.writeString(zip.getPath("/a/Main.class"), "code");
      Files.writeString(zip.getPath("/build.properties"), "built=today");
    }

    assertThat(CodeHash.of(List.of(jar))).isEqualTo(CodeHash.of(List.of(classes)));
  }

  @Test
  void anyChangeOfAClassOrItsNameChangesTheHash() throws IOException {
    String hash = CodeHash.of(List.of(classes("one", "Main.class", "code")));

    assertThat(CodeHash.of(List.of(classes("two", "Main.class", "c0de")))).isNotEqualTo(hash);
    assertThat(CodeHash.of(List.of(classes("three", "Mail.class", "code")))).isNotEqualTo(hash);
    assertThat(CodeHash.of(List.of(folder.resolve("one"), folder.resolve("two"))))
        .isNotEqualTo(hash);
  }

  private Path classes(String name, String file, String content) throws IOException {
    Path root = folder.resolve(name);
    Files.createDirectories(root.resolve("a"));
    Files.writeString(root.resolve("a").resolve(file), content);
    return root;
  }
}
