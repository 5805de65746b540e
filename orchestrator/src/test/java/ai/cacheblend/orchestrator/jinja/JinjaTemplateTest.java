package ai.cacheblend.orchestrator.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.io.Resources;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class JinjaTemplateTest {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(DeserializationFeature.USE_LONG_FOR_INTS).build();

  /** Templates and goldens in place of those of the tests; null: those of the tests. */
  private static final String FOLDER = System.getProperty("chat.folder");

  /** A rendering of transformers; {@code make_chat.py}. */
  record Golden(String template, String name, JsonNode json, Clock clock) {
    @Override
    public String toString() {
      return template + ": " + name;
    }

    String render() throws IOException {
      return JinjaTemplate.parse(resource(template))
          .render(MAPPER.convertValue(json.get("variables"), new TypeReference<>() {}), clock);
    }
  }

  static List<Golden> rendered() throws IOException {
    return goldens("text");
  }

  static List<Golden> refused() throws IOException {
    return goldens("error");
  }

  private static List<Golden> goldens(String outcome) throws IOException {
    JsonNode file = MAPPER.readTree(resource("goldens.json"));
    Clock clock =
        Clock.fixed(
            LocalDateTime.parse(file.get("now").textValue()).toInstant(ZoneOffset.UTC),
            ZoneOffset.UTC);
    List<Golden> goldens = new ArrayList<>();
    for (JsonNode golden : file.get("goldens")) {
      if (golden.has(outcome)) {
        goldens.add(
            new Golden(
                golden.get("template").textValue(), golden.get("case").textValue(), golden, clock));
      }
    }
    return goldens;
  }

  @ParameterizedTest
  @MethodSource("rendered")
  void rendersAsTransformersDoes(Golden golden) throws IOException {
    assertThat(golden.render()).isEqualTo(golden.json().get("text").textValue());
  }

  @ParameterizedTest
  @MethodSource("refused")
  void refusesWhatTransformersRefuses(Golden golden) {
    assertThatExceptionOfType(JinjaException.class)
        .isThrownBy(golden::render)
        // Python's own messages are not repeated.
        .withMessageContaining(FOLDER == null ? golden.json().get("error").textValue() : "");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{% if a %}; expected elif or else or endif, not the end of the template",
        "{{ a; a tag is never closed; add }}",
        "{% include 'x' %}; the block 'include' is not supported",
        "{{ a | wordcount }}; the filter 'wordcount' is not supported",
        "{{ a is filter }}; the test 'filter' is not supported",
        "{{ a b }}; expected '}}', not 'b'",
        "{# a; a comment is never closed",
        "{{ a ? }}; unexpected character '?'"
      })
  void namesWhatItCannotParse(String template, String message) {
    assertThatExceptionOfType(JinjaException.class)
        .isThrownBy(() -> JinjaTemplate.parse(template))
        .withMessageStartingWith("line 1: " + message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{{ a.b.c }}; line 1: 'a' is undefined, so it has no 'b'",
        "{{ 1 + 'x' }}; line 1: + is not defined for a long and a string",
        "{% for x in 3 %}{% endfor %}; line 1: a long has no elements",
        "{{ 'x' * 99999999 }}; line 1: a string is repeated 99999999 times",
        "{{ range(99999999) }}; line 1: range has the step 0, or too many elements",
        "{{ 1 // 0 }}; line 1: division by zero",
        "{{ strftime_now('%Q') }}; line 1: strftime_now does not know %Q",
        "{{ ''.__class__.__mro__ }}; line 1: '__class__' is undefined, so it has no '__mro__'",
      })
  void namesWhatItCannotRender(String template, String message) {
    assertThatExceptionOfType(JinjaException.class)
        .isThrownBy(() -> render(template))
        .withMessage(message);
  }

  @Test
  void aTemplateEndsAfterALimitedNumberOfSteps() {
    String loops = "{% for a in range(1000) %}".repeat(3) + "{% endfor %}".repeat(3);
    assertThatExceptionOfType(JinjaException.class)
        .isThrownBy(() -> render(loops))
        .withMessageContaining("more than 5000000 steps");
    assertThatExceptionOfType(JinjaException.class)
        .isThrownBy(() -> render("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}"))
        .withMessageContaining("nested more than 100 deep");
    String doubling =
        "{% set ns = namespace(x='0123456789') %}"
            + "{% for a in range(100) %}{% set ns.x = ns.x + ns.x %}{% endfor %}";
    assertThatExceptionOfType(JinjaException.class)
        .isThrownBy(() -> render(doubling))
        .withMessageContaining("characters");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{{ ('a' * 1000000) | replace('a', 'b' * 1000) }}; a string has more than 10000000",
        "{{ ('a' * 1000000) | replace('', 'b' * 1000) }}; a string has more than 10000000",
        "{{ range(100000) | join('b' * 1000) }}; a string has more than 10000000",
        "{{ ('b' * 1000000).join(range(100000)) }}; a string has more than 10000000",
        "{{ ('\\n' * 1000000) | indent(1000, blank=true) }}; a string has more than 10000000",
        "{{ 'a' | indent(2000000000) }}; a string is repeated 2000000000 times",
        "{{ [1] | tojson(indent=2000000000) }}; a string is repeated 2000000000 times",
        "{% set n = namespace(x=[1]) %}{% for i in range(99) %}{% set n.x = n.x + n.x %}{% endfor %};"
            + " the template makes values of more than",
        "{% set n = namespace(x=[]) %}{% for i in range(999) %}"
            + "{% set n.x = n.x + ['a' * 999999] %}{% endfor %};"
            + " the template makes values of more than",
      })
  void aTemplateUsesALimitedAmountOfMemory(String template, String message) {
    assertThatExceptionOfType(JinjaException.class)
        .isThrownBy(() -> render(template))
        .withMessageContaining(message);
  }

  @Test
  void aTemplateIsNestedToALimitedDepth() {
    String brackets = "{{ " + "(".repeat(200_000) + ")".repeat(200_000) + " }}";
    assertThatExceptionOfType(JinjaException.class)
        .isThrownBy(() -> render(brackets))
        .withMessage("the template is nested too deeply");
    String lists =
        "{% set n = namespace(x=[]) %}{% for i in range(200000) %}{% set n.x = [n.x] %}{% endfor %}"
            + "{{ n.x }}";
    assertThatExceptionOfType(JinjaException.class)
        .isThrownBy(() -> render(lists))
        .withMessage("the template is nested too deeply");
  }

  @Test
  void aStringInATemplateHasAnyLength() {
    String text = "It is so. \\n".repeat(50_000);
    assertThat(render("{{ '" + text + "' }}{{ \"" + text + "\" }}"))
        .isEqualTo("It is so. \n".repeat(100_000));
  }

  private static String render(String template) {
    return JinjaTemplate.parse(template).render(Map.of(), Clock.systemUTC());
  }

  private static String resource(String name) throws IOException {
    if (FOLDER != null) {
      return Files.readString(Path.of(FOLDER, name));
    }
    return Resources.toString(Resources.getResource("chat/" + name), StandardCharsets.UTF_8);
  }
}
