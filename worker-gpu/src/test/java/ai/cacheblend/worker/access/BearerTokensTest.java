package ai.cacheblend.worker.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BearerTokensTest {
  private static final String FIRST = "0123456789abcdef";
  private static final String SECOND = "fedcba9876543210";

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void file() {
    file = folder.resolve("tokens");
  }

  @Test
  void everyTokenOfTheFileIsAccepted() throws IOException {
    Files.writeString(file, "# team a\n" + FIRST + "\n\n  " + SECOND + "  \n");
    BearerTokens tokens = BearerTokens.load(file);

    assertThat(tokens.accept(FIRST)).isTrue();
    assertThat(tokens.accept(SECOND)).isTrue();
    for (String wrong :
        new String[] {
          "", "# team a", FIRST + "0", FIRST.substring(1), FIRST.toUpperCase(Locale.ROOT)
        }) {
      assertThat(tokens.accept(wrong)).as(wrong).isFalse();
    }
  }

  @Test
  void changedFilesAreReloadedAndBrokenOnesAreNot() throws IOException {
    Files.writeString(file, FIRST);
    BearerTokens tokens = BearerTokens.load(file);

    Files.writeString(file, SECOND + "\n");
    tokens.reload();
    assertThat(tokens.accept(FIRST)).isFalse();
    assertThat(tokens.accept(SECOND)).isTrue();

    for (String broken : new String[] {"", "short", "with spaces in the token", "# comment"}) {
      Files.writeString(file, broken);
      tokens.reload();
      assertThat(tokens.accept(SECOND)).isTrue();
      assertThat(tokens.accept(broken)).isFalse();
    }
    Files.delete(file);
    tokens.reload();
    assertThat(tokens.accept(SECOND)).isTrue();
  }

  @Test
  void filesWithoutAValidTokenAreRefused() throws IOException {
    assertRefused("cannot be read as text (NoSuchFileException)");
    Files.writeString(file, "\n# comment\n");
    assertRefused("contains no token; write one per line");
    Files.writeString(file, "short");
    assertRefused("contains a token that is shorter than 16 characters");
    Files.write(file, new byte[(1 << 20) + 1]);
    assertRefused("is larger than 1 MiB");
    Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe});
    assertRefused("cannot be read as text (MalformedInputException)");
  }

  private void assertRefused(String message) {
    assertThatExceptionOfType(AccessException.class)
        .isThrownBy(() -> BearerTokens.load(file))
        .withMessageStartingWith(file + " " + message);
  }
}
