package ai.cacheblend.orchestrator.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.primitives.ImmutableIntArray;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TokenPiecesTest {
  private static final int BOS = 1;

  /** Ids from 1000 are words, whose space is dropped at the beginning; from 100 to 355 bytes. */
  private static final List<String> WORDS = List.of(" the", " cat", "s");

  @Test
  void spacesInsideThePromptAreKept() {
    assertThat(pieces(1000, 1001, 1002, 1000)).containsExactly("the", " cat", "s", " the");
  }

  @Test
  void specialTokensHaveNoText() {
    assertThat(pieces(BOS, 1001)).containsExactly("", "cat");
  }

  @Test
  void bytesOfOneCharacterBelongToTheFirst() {
    byte[] euro = "€".getBytes(StandardCharsets.UTF_8);

    assertThat(pieces(1000, id(euro[0]), id(euro[1]), id(euro[2]), 1001))
        .containsExactly("the", "€", "", "", " cat");
  }

  @Test
  void invalidBytesAreShownOnce() {
    assertThat(pieces(1000, id((byte) 0xFF), 1001)).containsExactly("the", "\uFFFD", " cat");
  }

  private static int id(byte value) {
    return 100 + Byte.toUnsignedInt(value);
  }

  private static List<String> pieces(int... ids) {
    return new TokenPieces(lists -> lists.stream().map(TokenPiecesTest::text).toList())
        .of(ImmutableIntArray.copyOf(ids));
  }

  private static String text(ImmutableIntArray ids) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ids.asList()
        .forEach(
            id -> {
              if (id >= 1000) {
                bytes.writeBytes(WORDS.get(id - 1000).getBytes(StandardCharsets.UTF_8));
              } else if (id >= 100) {
                bytes.write(id - 100);
              }
            });
    String text = bytes.toString(StandardCharsets.UTF_8);
    return text.startsWith(" ") ? text.substring(1) : text;
  }
}
