package ai.cacheblend.worker.export.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.cacheblend.worker.export.CheckpointFixture;
import ai.cacheblend.worker.export.ExportException;
import ai.cacheblend.worker.export.ExportProgress;
import ai.cacheblend.worker.export.ExportRequest;
import ai.cacheblend.worker.export.Exporter;
import ai.cacheblend.worker.model.ModelManifest;
import ai.cacheblend.worker.model.Tokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.io.Resources;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A {@code tokenizer.model} without {@code tokenizer.json}, against SentencePiece. */
final class SentencePieceTokenizerTest {

  @TempDir Path folder;

  private static byte[] golden(String name) throws IOException {
    return Resources.toByteArray(Resources.getResource("sentencepiece/" + name));
  }

  private void write(byte[] model, String config) throws IOException {
    Files.write(folder.resolve("tokenizer.model"), model);
    Files.writeString(folder.resolve("tokenizer_config.json"), config);
  }

  private void convert() throws IOException {
    try (TemporaryFolder to = TemporaryFolder.create()) {
      SentencePieceTokenizer.convert(folder, to);
    }
  }

  @Test
  void tokenizesAsSentencePiece() throws IOException {
    write(golden("tokenizer.model"), "{\"tokenizer_class\": \"LlamaTokenizer\"}");
    JsonNode texts = new ObjectMapper().readTree(golden("texts.json"));
    try (TemporaryFolder to = TemporaryFolder.create()) {
      SentencePieceTokenizer.convert(folder, to);
      try (Tokenizer tokenizer = Tokenizer.load(to.path())) {
        assertThat(tokenizer.bosTokenId()).hasValue(1);
        for (JsonNode expected : texts) {
          List<Integer> ids = new ArrayList<>();
          expected.get("ids").forEach(id -> ids.add(id.intValue()));
          String text = expected.get("text").asText();
          assertThat(tokenizer.encode(text, false).asList()).as(text).isEqualTo(ids);
        }
      }
    }
    assertThat(texts).hasSizeGreaterThan(20);
  }

  @Test
  void exportsACheckpointWithATokenizerModelAlone() throws IOException {
    Path checkpoint = CheckpointFixture.mistral().write(folder.resolve("checkpoint"));
    Files.delete(checkpoint.resolve("tokenizer.json"));
    Files.write(checkpoint.resolve("tokenizer.model"), golden("tokenizer.model"));
    Files.writeString(
        checkpoint.resolve("tokenizer_config.json"),
        "{\"chat_template\": \"{{ messages }}\", \"bos_token\": {\"content\": \"<s>\"}}");
    Path out = folder.resolve("model");
    ModelManifest manifest =
        new Exporter(ExportProgress.NONE).export(ExportRequest.of(checkpoint, out));
    assertThat(manifest.bosTokenId()).hasValue(1);
    assertThat(out.resolve("tokenizer.json")).exists();
    assertThat(out.resolve("tokenizer_config.json")).content().contains("{{ messages }}");
    assertThat(checkpoint.resolve("tokenizer.json")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "tokenizer_class | \"GemmaTokenizer\" | tokenizer_class of tokenizer_config.json is"
            + " \"GemmaTokenizer\"",
        "add_eos_token | true | add_eos_token of tokenizer_config.json is true",
        "legacy | false | legacy of tokenizer_config.json is false",
        "add_prefix_space | false | add_prefix_space of tokenizer_config.json is false",
        "bos_token | \"<bos>\" | bos_token of tokenizer_config.json is \"<bos>\"",
        "added_tokens_decoder | {\"512\": {\"content\": \"<im_end>\"}} | added token <im_end>"
            + " is not a special token of it",
        "added_tokens_decoder | {\"1\": {\"content\": \"<t>\"}} | added token <t> is not",
        "added_tokens_decoder | {\"300\": {\"content\": \"the\"}} | added token the is not",
      })
  void refusesWhatItWouldTokenizeOtherwise(String field, String value, String reason)
      throws IOException {
    write(golden("tokenizer.model"), "{\"%s\": %s}".formatted(field, value));
    assertThatThrownBy(this::convert)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void refusesAddedTokensInAFileOfTheirOwn() throws IOException {
    write(golden("tokenizer.model"), "{}");
    Files.writeString(folder.resolve("added_tokens.json"), "{\"<pad>\": 512}");
    assertThatThrownBy(this::convert).hasMessageContaining("added token <pad> is not");
  }

  @Test
  void putsNoTokenBeforeATextWhereTheConfigSaysSo() throws IOException {
    write(golden("tokenizer.model"), "{\"add_bos_token\": false}");
    try (TemporaryFolder to = TemporaryFolder.create()) {
      SentencePieceTokenizer.convert(folder, to);
      try (Tokenizer tokenizer = Tokenizer.load(to.path())) {
        assertThat(tokenizer.bosTokenId()).isEmpty();
      }
    }
  }

  /** Fields of the message, appended to the golden model; the last value of a field counts. */
  private static byte[] with(Message message) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(golden("tokenizer.model"));
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    message.write(out);
    out.flush();
    return bytes.toByteArray();
  }

  private interface Message {
    void write(CodedOutputStream out) throws IOException;
  }

  private static Message nested(int field, Message message) {
    return out -> {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      CodedOutputStream inner = CodedOutputStream.newInstance(bytes);
      message.write(inner);
      inner.flush();
      out.writeByteArray(field, bytes.toByteArray());
    };
  }

  private void refused(Message message, String reason) throws IOException {
    write(with(message), "{}");
    assertThatThrownBy(this::convert)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void refusesModelsThatSplitOtherwise() throws IOException {
    refused(nested(2, out -> out.writeEnum(3, 1)), "it is not of type BPE");
    String replaces = "it replaces or removes characters";
    refused(nested(3, out -> out.writeBool(4, true)), replaces);
    refused(nested(3, out -> out.writeBool(5, false)), replaces);
    refused(nested(3, out -> out.writeByteArray(2, new byte[4])), replaces);
    refused(nested(2, out -> out.writeBool(24, true)), replaces);
    Message userDefined =
        out -> {
          out.writeString(1, "<|x|>");
          out.writeEnum(3, 4);
        };
    refused(nested(1, userDefined), "piece <|x|> is user-defined");
    refused(nested(1, out -> out.writeEnum(3, 9)), "token type is 9");
    refused(nested(1, out -> out.writeString(1, "<s>")), "is <s>, as a token before it");
  }

  @Test
  void refusesOtherFiles() throws IOException {
    byte[] model = golden("tokenizer.model");
    write(Arrays.copyOf(model, model.length - 3), "{}");
    assertThatThrownBy(this::convert)
        .isInstanceOf(ExportException.class)
        .hasMessageContaining("tokenizer.model is not a SentencePiece model");
    write(new byte[] {0x0c}, "{}");
    assertThatThrownBy(this::convert).isInstanceOf(ExportException.class);
  }
}
