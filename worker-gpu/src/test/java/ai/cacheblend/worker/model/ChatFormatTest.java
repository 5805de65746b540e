package ai.cacheblend.worker.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChatFormatTest {
  @TempDir Path folder;

  @Test
  void readsTemplateAndTokensOfTheTokenizerConfiguration() throws IOException {
    config(
        """
        {"chat_template": "{{ bos_token }}", "bos_token": "<s>",
         "eos_token": {"content": "</s>", "lstrip": false}, "pad_token": null, "unk_token": ""}
        """);

    assertThat(ChatFormat.read(folder))
        .isEqualTo(
            new ChatFormat("{{ bos_token }}", Map.of("bos_token", "<s>", "eos_token", "</s>")));
  }

  @Test
  void theFileOfTheTemplateComesFirst() throws IOException {
    config("{\"chat_template\": \"field\", \"bos_token\": \"<s>\"}");
    Files.writeString(folder.resolve("chat_template.jinja"), "file");

    assertThat(ChatFormat.read(folder))
        .isEqualTo(new ChatFormat("file", Map.of("bos_token", "<s>")));
  }

  @Test
  void usesTheDefaultOfNamedTemplates() throws IOException {
    config(
        "{\"chat_template\": [{\"name\": \"tool_use\", \"template\": \"a\"},"
            + " {\"name\": \"default\", \"template\": \"b\"}]}");

    assertThat(ChatFormat.read(folder).template()).isEqualTo("b");
  }

  @Test
  void aModelMayHaveNone() throws IOException {
    assertThat(ChatFormat.read(folder)).isEqualTo(ChatFormat.NONE);
    config("{}");
    assertThat(ChatFormat.read(folder)).isEqualTo(ChatFormat.NONE);
  }

  @Test
  void namesADamagedFile() throws IOException {
    config("{");
    assertThatExceptionOfType(ModelFailureException.class)
        .isThrownBy(() -> ChatFormat.read(folder))
        .withMessageContaining("tokenizer_config.json is not valid JSON");
  }

  private void config(String json) throws IOException {
    Files.writeString(folder.resolve("tokenizer_config.json"), json);
  }
}
