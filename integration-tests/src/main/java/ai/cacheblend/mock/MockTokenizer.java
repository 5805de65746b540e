package ai.cacheblend.mock;

import com.google.common.primitives.ImmutableIntArray;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** One token per UTF-8 byte; ids 0 to 2 are special tokens. */
final class MockTokenizer {
  static final int BOS = 1;
  static final int EOS = 2;
  static final int VOCABULARY_SIZE = 3 + 256;

  private static final int FIRST_BYTE = 3;

  private MockTokenizer() {}

  static int idOf(int byteValue) {
    return FIRST_BYTE + byteValue;
  }

  static ImmutableIntArray encode(String text) {
    ImmutableIntArray.Builder ids = ImmutableIntArray.builder();
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      ids.add(idOf(Byte.toUnsignedInt(b)));
    }
    return ids.build();
  }

  /** Skips special tokens. */
  static String decode(List<Integer> ids) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ids.stream().filter(id -> id >= FIRST_BYTE).forEach(id -> bytes.write(id - FIRST_BYTE));
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
