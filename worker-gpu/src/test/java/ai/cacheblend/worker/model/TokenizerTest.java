package ai.cacheblend.worker.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.primitives.ImmutableIntArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizerTest {
  static final Path RESOURCES = Path.of("src", "test", "resources", "tokenizer");
  private static final Path BYTE_LEVEL = RESOURCES.resolve("bytelevel");
  private static final Path METASPACE = RESOURCES.resolve("metaspace");

  @TempDir private Path folder;

  @Test
  void agreesWithTransformers() throws IOException {
    JsonNode expected = new ObjectMapper().readTree(BYTE_LEVEL.resolve("expected.json").toFile());
    assertThat(expected).isNotEmpty();
    try (Tokenizer tokenizer = Tokenizer.load(BYTE_LEVEL)) {
      for (JsonNode example : expected) {
        String text = example.get("text").asText();
        assertThat(tokenizer.encode(text, false).asList())
            .as(text)
            .isEqualTo(ids(example.get("ids")));
        assertThat(tokenizer.encode(text, true).asList())
            .as(text)
            .isEqualTo(ids(example.get("ids_with_bos")));
        assertThat(tokenizer.decode(tokenizer.encode(text, true))).isEqualTo(text);
      }
    }
  }

  @Test
  void encodesLongTextsInFull() {
    try (Tokenizer tokenizer = Tokenizer.load(METASPACE)) {
      String text = "Hello world the ".repeat(10_000).strip();

      assertThat(tokenizer.encode(text, false).length()).isGreaterThanOrEqualTo(30_000);
      assertThat(tokenizer.decode(tokenizer.encode(text, false))).isEqualTo(text);
    }
  }

  @Test
  void ignoresTruncationInTheFile() throws IOException {
    copy(
        METASPACE,
        "\"truncation\": null",
        "\"truncation\": {\"direction\":\"Right\",\"max_length\":4,"
            + "\"strategy\":\"LongestFirst\",\"stride\":0}");
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      assertThat(tokenizer.encode("the world ".repeat(100), false).length()).isGreaterThan(200);
    }
  }

  @Test
  void parsesSpelledOutSpecialTokens() {
    try (Tokenizer tokenizer = Tokenizer.load(BYTE_LEVEL)) {
      assertThat(tokenizer.encode("</s>", false).asList()).containsExactly(2);
      assertThat(tokenizer.encode("a<s>b", false).asList()).contains(1).hasSizeGreaterThan(2);
      assertThat(tokenizer.isSpecial(2)).isTrue();
      assertThat(tokenizer.isSpecial(3)).isFalse();
    }
  }

  @Test
  void addBosTokenOverrulesTheFile() throws IOException {
    copy(METASPACE, "", "");
    Files.writeString(
        folder.resolve("tokenizer_config.json"), "{\"bos_token\":\"<s>\",\"add_bos_token\":false}");
    try (Tokenizer without = Tokenizer.load(folder)) {
      assertThat(without.encode("the", true)).isEqualTo(without.encode("the", false));
      assertThat(without.encode("<s>the", true).get(0)).as("spelled out").isEqualTo(1);
    }

    copy(METASPACE, "TemplateProcessing", "TemplateProcessing");
    String json = Files.readString(folder.resolve("tokenizer.json"));
    Files.writeString(
        folder.resolve("tokenizer.json"),
        json.replaceAll(
            "(?s)\"post_processor\": \\{.*\"decoder\"", "\"post_processor\": null,\n\"decoder\""));
    Files.writeString(
        folder.resolve("tokenizer_config.json"), "{\"bos_token\":\"<s>\",\"add_bos_token\":true}");
    try (Tokenizer with = Tokenizer.load(folder)) {
      assertThat(with.encode("the", true).get(0)).isEqualTo(1);
      assertThat(with.encode("the", false).get(0)).isNotEqualTo(1);
      assertThat(with.encode("", true).asList()).containsExactly(1);
    }
  }

  @Test
  void roundTripsCharactersOfEveryPlane() {
    String text = "é — 漢字 😀👩‍👩‍👧 \t\n";
    for (Path path : List.of(BYTE_LEVEL, METASPACE)) {
      try (Tokenizer tokenizer = Tokenizer.load(path)) {
        assertThat(tokenizer.decode(tokenizer.encode(text, false)))
            .as(path.toString())
            .isEqualTo(text);
      }
    }
  }

  @Test
  void decodesSingleTokensAsTheLibraryDoes() {
    int bos = 1;
    for (Path path : List.of(BYTE_LEVEL, METASPACE)) {
      try (Tokenizer tokenizer = Tokenizer.load(path)) {
        // Far behind the vocabulary too.
        for (int id = 0; id < 2_000; id++) {
          assertThat(tokenizer.decode(ImmutableIntArray.of(id)))
              .as("%s: %d", path, id)
              .isEqualTo(tokenizer.decode(ImmutableIntArray.of(id, bos)));
        }
      }
    }
  }

  @Test
  void namesAMissingOrBrokenFile() throws IOException {
    assertThatExceptionOfType(ModelFailureException.class)
        .isThrownBy(() -> Tokenizer.load(folder))
        .withMessageContainingAll("tokenizer.json", "missing");
    Files.writeString(folder.resolve("tokenizer.json"), "{\"version\"");
    assertThatExceptionOfType(ModelFailureException.class)
        .isThrownBy(() -> Tokenizer.load(folder))
        .withMessageContaining("tokenizer.json");
  }

  /** The library aborts the whole process on such a number. */
  @Test
  void refusesNumbersThatAreOutOfRange() throws IOException {
    copy(METASPACE, "\"truncation\": null", "\"truncation\": 1e400");
    assertThatExceptionOfType(ModelFailureException.class)
        .isThrownBy(() -> Tokenizer.load(folder))
        .withMessageContainingAll("tokenizer.json", "a number that is out of range");
  }

  @Test
  void withoutAKnownBosAddBosTokenFalseRemovesThePrefixOfTheFile() throws IOException {
    copy(BYTE_LEVEL, "", "");
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      assertThat(tokenizer.bosTokenId()).hasValue(1);
    }
    Files.writeString(
        folder.resolve("tokenizer_config.json"), "{\"bos_token\":null,\"add_bos_token\":false}");
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      assertThat(tokenizer.bosTokenId()).isEmpty();
      assertThat(tokenizer.encode("", true).asList()).isEmpty();
      assertThat(tokenizer.encode("the", true)).isEqualTo(tokenizer.encode("the", false));
    }
  }

  private void copy(Path from, String old, String replacement) throws IOException {
    String json = Files.readString(from.resolve("tokenizer.json"));
    assertThat(json).contains(old);
    Files.writeString(
        folder.resolve("tokenizer.json"), old.isEmpty() ? json : json.replace(old, replacement));
  }

  private static List<Integer> ids(JsonNode array) {
    List<Integer> ids = new ArrayList<>();
    array.forEach(id -> ids.add(id.asInt()));
    return ids;
  }
}
