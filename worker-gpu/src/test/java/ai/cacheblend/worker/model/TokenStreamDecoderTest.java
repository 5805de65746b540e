package ai.cacheblend.worker.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenStreamDecoderTest {
  private static final String[] PIECES = {
    "the", " world", "Hello", " ", "  ", "\n", "é", "漢", "字", "😀", "👩‍👧", ".", "q", " the",
    "</s>"
  };

  @ParameterizedTest
  @ValueSource(strings = {"bytelevel", "metaspace"})
  void concatenatedDeltasAreTheTextOfAllTokens(String name) {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    try (Tokenizer tokenizer = Tokenizer.load(TokenizerTest.RESOURCES.resolve(name))) {
      for (int trial = 0; trial < 300; trial++) {
        ImmutableIntArray ids = tokenizer.encode(randomText(random), false);
        List<String> deltas = deltas(tokenizer, ids);

        assertThat(String.join("", deltas))
            .as("seed %s trial %s", seed, trial)
            .isEqualTo(tokenizer.decode(ids));
        assertThat(deltas)
            .as("seed %s trial %s", seed, trial)
            .noneMatch(delta -> delta.contains("\uFFFD"));
        assertThat(deltas)
            .noneMatch(delta -> !delta.isEmpty() && Character.isLowSurrogate(delta.charAt(0)));
      }
    }
  }

  @Test
  void emitsACharacterWithItsLastByte() {
    try (Tokenizer tokenizer = Tokenizer.load(TokenizerTest.RESOURCES.resolve("metaspace"))) {
      // "▁" and the four bytes of the character.
      ImmutableIntArray ids = tokenizer.encode("😀", false);
      assertThat(ids.length()).isEqualTo(5);

      assertThat(deltas(tokenizer, ids)).containsExactly("", "", "", "", "😀", "");
    }
  }

  @Test
  void keepsSpacesAtTheStartOfTheWindow() {
    try (Tokenizer tokenizer = Tokenizer.load(TokenizerTest.RESOURCES.resolve("metaspace"))) {
      ImmutableIntArray ids = tokenizer.encode("Hello world the world", false);

      assertThat(deltas(tokenizer, ids)).containsExactly("Hello", " world", " the", " world", "");
    }
  }

  @Test
  void skipsSpecialTokens() {
    try (Tokenizer tokenizer = Tokenizer.load(TokenizerTest.RESOURCES.resolve("metaspace"))) {
      ImmutableIntArray words = tokenizer.encode("Hello world", false);
      ImmutableIntArray.Builder ids = ImmutableIntArray.builder().add(words.get(0));
      for (int i = 0; i < 40; i++) {
        ids.add(2);
      }
      List<String> deltas = deltas(tokenizer, ids.add(words.get(1)).build());

      assertThat(String.join("", deltas)).isEqualTo("Hello world");
    }
  }

  @Test
  void emitsAnIncompleteCharacterAtTheEnd() {
    try (Tokenizer tokenizer = Tokenizer.load(TokenizerTest.RESOURCES.resolve("metaspace"))) {
      ImmutableIntArray ids = tokenizer.encode("the 😀", false);
      ImmutableIntArray broken = ids.subArray(0, ids.length() - 1);

      assertThat(String.join("", deltas(tokenizer, broken)))
          .isEqualTo(tokenizer.decode(broken))
          .endsWith("\uFFFD");
    }
  }

  @Test
  void emitsInvalidTextAfterAWindow() {
    try (Tokenizer tokenizer = Tokenizer.load(TokenizerTest.RESOURCES.resolve("metaspace"))) {
      int leadByte = tokenizer.encode("😀", false).get(1);
      TokenStreamDecoder decoder = new TokenStreamDecoder(tokenizer);
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < 40; i++) {
        text.append(decoder.add(leadByte));
      }
      assertThat(text.length()).isEqualTo(32);
      assertThat(decoder.finish()).hasSize(8);
    }
  }

  /** One per token, and the rest. */
  private static List<String> deltas(Tokenizer tokenizer, ImmutableIntArray ids) {
    TokenStreamDecoder decoder = new TokenStreamDecoder(tokenizer);
    List<String> deltas = new ArrayList<>();
    for (int i = 0; i < ids.length(); i++) {
      deltas.add(decoder.add(ids.get(i)));
    }
    deltas.add(decoder.finish());
    return deltas;
  }

  private static String randomText(Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(12); i >= 0; i--) {
      text.append(PIECES[random.nextInt(PIECES.length)]);
    }
    return text.toString();
  }
}
