package ai.cacheblend.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TokenizerLibraryTest {

  @TempDir Path folder;

  private Path directory(String home) {
    return TokenizerLibrary.directory(
        new UserDirectories(Map.of("HOME", home), "/passwd"), folder.resolve("tmp"));
  }

  @Test
  void usesTheCacheOfHome() {
    assertThat(directory(folder.resolve("home").toString()))
        .isEqualTo(folder.resolve("home/.cache/cacheblend/tokenizers"))
        .isDirectory();
  }

  @Test
  void usesATemporaryDirectoryIfHomeCannotBeWritten() throws IOException {
    // A file as home: not writable for root either.
    Path file = Files.createFile(folder.resolve("file"));
    assertThat(directory(file.toString())).hasParentRaw(folder.resolve("tmp"));
  }
}
