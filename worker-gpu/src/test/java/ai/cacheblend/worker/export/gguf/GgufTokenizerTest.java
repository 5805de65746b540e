package ai.cacheblend.worker.export.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.cacheblend.worker.export.ExportException;
import ai.cacheblend.worker.export.tokenizer.TemporaryFolder;
import ai.cacheblend.worker.model.ChatFormat;
import ai.cacheblend.worker.model.Tokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.google.common.primitives.ImmutableIntArray;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Converted tokenizers against SentencePiece and transformers on hard texts. */
final class GgufTokenizerTest {

  @ParameterizedTest
  @CsvSource({"llama, 1", "qwen2,", "qwen3, 640", "phi3,", "gpt-2,", "tekken, 640"})
  void tokenizesAsTheReference(String name, Integer bos) throws IOException {
    JsonNode reference =
        new ObjectMapper().readTree(GgufExportTest.resource("tokenizers.json").toFile());
    JsonNode texts = reference.path("texts");
    try (TemporaryFolder folder = TemporaryFolder.create()) {
      write(GgufFile.open(GgufExportTest.resource(name + ".gguf")), folder);
      try (Tokenizer tokenizer = Tokenizer.load(folder.path())) {
        assertThat(tokenizer.bosTokenId())
            .isEqualTo(bos == null ? OptionalInt.empty() : OptionalInt.of(bos));
        for (int i = 0; i < texts.size(); i++) {
          String text = texts.get(i).asText();
          ImmutableIntArray ids = tokenizer.encode(text, false);
          assertThat(ids.asList())
              .as("%s, text %s: %s", name, i, text)
              .isEqualTo(ids(reference.path("ids").path(name).get(i)));
        }
      }
    }
  }

  private static void write(GgufFile file, TemporaryFolder folder) throws IOException {
    String architecture = file.metadata().get("general.architecture").asText();
    GgufTokenizer.write(file, GgufArchitecture.ofName(architecture).orElseThrow(), folder);
  }

  @Test
  void refusesTheTokenizerOfGemmaWithTheRemedy() throws IOException {
    GgufFile file = GgufFile.open(GgufExportTest.resource("gemma2.gguf"));
    try (TemporaryFolder folder = TemporaryFolder.create()) {
      assertThatThrownBy(() -> write(file, folder))
          .isInstanceOf(ExportException.class)
          .hasMessageContaining("tokenizers of Gemma are not converted; put the tokenizer.json of")
          .hasMessageEndingWith("and export the directory");
    }
  }

  private static List<Integer> ids(JsonNode array) {
    List<Integer> ids = new ArrayList<>();
    array.forEach(id -> ids.add(id.intValue()));
    return ids;
  }

  @ParameterizedTest
  @CsvSource({
    "model, bert, 'tokenizer.ggml.model is \"bert\", expected \"llama\" or \"gpt2\"'",
    "pre, viking, 'tokenizer.ggml.pre is \"viking\", expected gpt-2, llama-bpe'",
    "merges, x, 'tokenizer.ggml.merges is \"x\", expected an array of texts'",
    "add_eos_token, true, 'tokenizer.ggml.add_eos_token is \"true\", expected false'",
  })
  void refusesOtherTokenizersWithTheRemedy(String key, String value, String message)
      throws IOException {
    GgufFile file = GgufFile.open(GgufExportTest.resource("qwen2.gguf"));
    Map<String, JsonNode> metadata = new HashMap<>(file.metadata());
    metadata.put("tokenizer.ggml." + key, JsonNodeFactory.instance.textNode(value));
    GgufFile changed = new GgufFile(file.path(), metadata, file.tensors());
    try (TemporaryFolder folder = TemporaryFolder.create()) {
      assertThatThrownBy(() -> write(changed, folder))
          .isInstanceOf(ExportException.class)
          .hasMessageContaining(message)
          .hasMessageEndingWith("and export the directory");
    }
  }

  @Test
  void refusesAMergeOfWhatIsNoToken() throws IOException {
    GgufFile file = GgufFile.open(GgufExportTest.resource("qwen2.gguf"));
    Map<String, JsonNode> metadata = new HashMap<>(file.metadata());
    metadata.put(
        "tokenizer.ggml.merges", JsonNodeFactory.instance.arrayNode().add("q absent-\ntoken"));
    GgufFile changed = new GgufFile(file.path(), metadata, file.tensors());
    try (TemporaryFolder folder = TemporaryFolder.create()) {
      assertThatThrownBy(() -> write(changed, folder))
          .isInstanceOf(ExportException.class)
          .hasMessageContaining(
              "merge is \"q absent-\\u000atoken\", but absent-\\u000atoken is not a token; put the"
                  + " tokenizer.json");
    }
  }

  @Test
  void keepsTheChatTemplateAndTheSpecialTokens() throws IOException {
    try (TemporaryFolder folder = TemporaryFolder.create()) {
      write(GgufFile.open(GgufExportTest.resource("llama.gguf")), folder);
      ChatFormat chat = ChatFormat.read(folder.path());
      assertThat(chat.template()).startsWith("{% for m in messages %}");
      assertThat(chat.specialTokens())
          .containsEntry("bos_token", "<s>")
          .containsEntry("eos_token", "</s>");
    }
  }
}
