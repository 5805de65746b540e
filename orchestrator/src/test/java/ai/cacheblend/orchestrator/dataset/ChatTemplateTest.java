package ai.cacheblend.orchestrator.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.cacheblend.orchestrator.plan.PromptTemplate;
import ai.cacheblend.orchestrator.plan.PromptTemplateJson;
import ai.cacheblend.orchestrator.plan.Sampling;
import com.google.common.io.Resources;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChatTemplateTest {
  private static final Map<String, String> TOKENS = Map.of("bos_token", "<s>", "eos_token", "</s>");
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-03-05T14:07:09Z"), ZoneOffset.UTC);

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '"',
      value = {
        "mistral-7b-instruct-v0.2; \" [INST] \"; \" [/INST]\"; false",
        "llama-3-8b-instruct; \"<|start_header_id|>user<|end_header_id|>\\n\\n\";"
            + " \"<|eot_id|><|start_header_id|>assistant<|end_header_id|>\\n\\n\"; true",
        "qwen-3-0.6b; \"<|im_start|>user\\n\";"
            + " \"<|im_end|>\\n<|im_start|>assistant\\n<think>\\n\\n</think>\\n\\n\"; false",
        "phi-3-mini-4k-instruct; \"<|user|>\\n\"; \"<|end|>\\n<|assistant|>\\n\"; false",
        "gemma-2-2b-it; \"<start_of_turn>user\\n\";"
            + " \"<end_of_turn>\\n<start_of_turn>model\\n\"; true"
      })
  void wrapsAMessage(String name, String before, String after, boolean trims) throws IOException {
    ChatTemplate.Wrapper wrapper = template(name).wrapper(true);

    assertThat(wrapper)
        .isEqualTo(
            new ChatTemplate.Wrapper(
                before.replace("\\n", "\n"), after.replace("\\n", "\n"), trims));
  }

  @Test
  void theBosTokenStaysWhereThePromptHasNone() throws IOException {
    assertThat(template("mistral-7b-instruct-v0.2").wrapper(false).before())
        .isEqualTo("<s> [INST] ");
  }

  @Test
  void theDateIsThatOfTheClock() throws IOException {
    assertThat(template("llama-3.2-3b-instruct").wrapper(true).before())
        .contains("Today Date: 05 Mar 2026");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"mistral-7b-instruct-v0.2", "llama-3-8b-instruct", "qwen-2.5-7b-instruct"})
  void chunksStayWholeAndThePlanReplaysThePrompts(String name) throws IOException {
    ChatTemplate chat = template(name);
    QualityTask plain = load(Optional.empty());
    PromptTemplate wrapped = chat.around(plain.template(), true);

    QualityTask task = load(Optional.of(wrapped));

    assertThat(Fixtures.documents(task.samples().get(0)))
        .isEqualTo(Fixtures.documents(plain.samples().get(0)));
    String before = text(plain.samples().get(0));
    ChatTemplate.Wrapper wrapper = chat.wrapper(true);
    assertThat(text(task.samples().get(0)))
        .isEqualTo(
            wrapper.before() + (wrapper.trims() ? before.strip() : before) + wrapper.after());
    for (QualitySample sample : task.samples()) {
      String text = text(sample);
      chat.requireUnchanged(
          sample.id(),
          text.substring(wrapper.before().length(), text.length() - wrapper.after().length()));
    }
    // As a plan holds it.
    PromptTemplate read = PromptTemplateJson.read("prompt", PromptTemplateJson.write(wrapped));
    assertThat(read).isEqualTo(wrapped);
    assertThat(read.chatTemplate().orElseThrow()).startsWith(name + ", sha256 ");
    assertThat(load(Optional.of(read)).promptsSha256()).isEqualTo(task.promptsSha256());
  }

  @Test
  void aTemplateThatChangesTheMessageIsRefused() {
    assertThatExceptionOfType(DatasetException.class)
        .isThrownBy(() -> of("{{ messages[0].content|upper }}").wrapper(true))
        .withMessage(
            "chat template t changes or repeats the text of a message; use --chat-template none");
    assertThatExceptionOfType(DatasetException.class)
        .isThrownBy(() -> of("{{ messages[0].content }}{{ messages[0].content }}").wrapper(true));
    ChatTemplate strict = of("{{ messages[0].content.split('##')[0] }}");
    strict.requireUnchanged("7", "a # b");
    assertThatExceptionOfType(DatasetException.class)
        .isThrownBy(() -> strict.requireUnchanged("7", "a ## b"))
        .withMessage("chat template t changes the text of sample 7; use --chat-template none");
  }

  @Test
  void anErrorOfTheTemplateIsNamed() {
    assertThatExceptionOfType(DatasetException.class)
        .isThrownBy(() -> of("{% if %}"))
        .withMessageStartingWith("chat template t: line 1: expected a value");
    assertThatExceptionOfType(DatasetException.class)
        .isThrownBy(() -> of("{{ raise_exception('no') }}").wrapper(true))
        .withMessageContaining("the template refuses the prompt: no");
  }

  private static QualityTask load(Optional<PromptTemplate> prompt) {
    return Datasets.load(
        Fixtures.path("longbench-2wikimqa.jsonl").toString(),
        new DatasetOptions(10, Sampling.FIRST, prompt, OptionalInt.empty(), 0),
        Map.of());
  }

  private static String text(QualitySample sample) {
    return sample.parts().stream().map(PromptPart::text).collect(Collectors.joining());
  }

  private static ChatTemplate of(String source) {
    return ChatTemplate.of("t", source, TOKENS, CLOCK);
  }

  private static ChatTemplate template(String name) throws IOException {
    String source =
        Resources.toString(
            Resources.getResource("chat/" + name + ".jinja"), StandardCharsets.UTF_8);
    return ChatTemplate.of(name, source, TOKENS, CLOCK);
  }
}
