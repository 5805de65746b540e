package ai.cacheblend.orchestrator.dataset;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.io.ByteSource;
import com.google.common.io.MoreFiles;
import com.google.common.io.Resources;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Prompt templates as JSON: {@code prompts/NAME.json} among the resources, or a file of the user.
 */
final class PromptTemplates {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .build();

  private PromptTemplates() {}

  static PromptTemplate builtIn(String name) {
    String resource = "prompts/" + name + ".json";
    return read(resource, Resources.asByteSource(Resources.getResource(resource)));
  }

  static PromptTemplate file(Path path) {
    return read(path.toString(), MoreFiles.asByteSource(path));
  }

  private static PromptTemplate read(String name, ByteSource source) {
    try {
      return parse(MAPPER.readTree(source.read()));
    } catch (JsonProcessingException e) {
      int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
      throw new DatasetException(
          "Prompt template %s: line %d: not JSON (%s)"
              .formatted(name, line, OneLine.of(e.getOriginalMessage())),
          e);
    } catch (IOException e) {
      throw new DatasetException(
          "Prompt template %s cannot be read: %s".formatted(name, OneLine.of(e)), e);
    } catch (IllegalArgumentException e) {
      throw new DatasetException("Prompt template %s: %s".formatted(name, e.getMessage()), e);
    }
  }

  private static PromptTemplate parse(JsonNode json) {
    Fields fields = new Fields("", json);
    PromptTemplate template =
        new PromptTemplate(
            fields.text("start", Optional.of("")),
            fields.text("prefix", Optional.of("")),
            fields.text("document", Optional.empty()),
            fields.text("question", Optional.empty()),
            fields.text("end", Optional.of("")),
            fields.has("fewShot") ? Optional.of(fewShot(fields)) : Optional.empty(),
            fields.integer("maxNewTokens"),
            fields.texts("stop"),
            fields.metric("metric"),
            fields.bool("firstLineOnly"));
    fields.refuseOthers();
    return template;
  }

  private static PromptTemplate.FewShot fewShot(Fields parent) {
    Fields fields = new Fields("fewShot.", parent.take("fewShot"));
    PromptTemplate.FewShot fewShot =
        new PromptTemplate.FewShot(
            fields.text("example", Optional.empty()),
            fields.text("query", Optional.empty()),
            fields.integer("count"));
    fields.refuseOthers();
    return fewShot;
  }

  static String write(PromptTemplate template) {
    ObjectNode json = MAPPER.createObjectNode();
    json.put("start", template.start());
    json.put("prefix", template.prefix());
    json.put("document", template.document());
    json.put("question", template.question());
    json.put("end", template.end());
    template
        .fewShot()
        .ifPresent(
            fewShot ->
                json.putObject("fewShot")
                    .put("example", fewShot.example())
                    .put("query", fewShot.query())
                    .put("count", fewShot.count()));
    json.put("maxNewTokens", template.maxNewTokens());
    template.stopStrings().forEach(json.putArray("stop")::add);
    json.put("metric", template.metric().name().toLowerCase(Locale.ROOT));
    json.put("firstLineOnly", template.firstLineOnly());
    return json.toPrettyString();
  }

  /** Takes known fields out of a JSON object; what is left at the end is unknown. */
  private static final class Fields {
    private final String path;
    private final ObjectNode json;
    private final List<String> known = new ArrayList<>();

    Fields(String path, JsonNode json) {
      if (!(json instanceof ObjectNode)) {
        throw new IllegalArgumentException(
            "expected a JSON object"
                + (path.isEmpty() ? "" : " in " + path.substring(0, path.length() - 1)));
      }
      this.path = path;
      this.json = json.deepCopy();
    }

    boolean has(String name) {
      known.add(name);
      return json.has(name);
    }

    JsonNode take(String name) {
      if (!has(name)) {
        throw new IllegalArgumentException(path + name + " is missing");
      }
      return json.remove(name);
    }

    String text(String name, Optional<String> ifMissing) {
      if (ifMissing.isPresent() && !has(name)) {
        return ifMissing.get();
      }
      return string(name, take(name));
    }

    List<String> texts(String name) {
      JsonNode array = take(name);
      if (!array.isArray()) {
        throw wrong(name, array, "a list of strings");
      }
      List<String> texts = new ArrayList<>();
      array.forEach(value -> texts.add(string(name, value)));
      return texts;
    }

    int integer(String name) {
      JsonNode value = take(name);
      if (!value.isInt()) {
        throw wrong(name, value, "a whole number");
      }
      return value.intValue();
    }

    boolean bool(String name) {
      JsonNode value = take(name);
      if (!value.isBoolean()) {
        throw wrong(name, value, "true or false");
      }
      return value.booleanValue();
    }

    MetricKind metric(String name) {
      JsonNode value = take(name);
      return Arrays.stream(MetricKind.values())
          .filter(kind -> kind.name().toLowerCase(Locale.ROOT).equals(value.textValue()))
          .findFirst()
          .orElseThrow(() -> wrong(name, value, "\"word_f1\" or \"rouge_l\""));
    }

    void refuseOthers() {
      Set.copyOf(json.properties()).stream()
          .map(entry -> entry.getKey())
          .sorted()
          .findFirst()
          .ifPresent(
              name -> {
                throw new IllegalArgumentException(
                    "%s%s is unknown; known are %s"
                        .formatted(
                            path, name, String.join(", ", known.stream().distinct().toList())));
              });
    }

    private String string(String name, JsonNode value) {
      if (!value.isTextual()) {
        throw wrong(name, value, "a string");
      }
      return value.textValue();
    }

    private IllegalArgumentException wrong(String name, JsonNode value, String expected) {
      return new IllegalArgumentException(
          "%s%s is %s; use %s".formatted(path, name, value, expected));
    }
  }
}
