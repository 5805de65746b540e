package ai.cacheblend.orchestrator.dataset;

import ai.cacheblend.orchestrator.plan.PlanException;
import ai.cacheblend.orchestrator.plan.PromptTemplate;
import ai.cacheblend.orchestrator.plan.PromptTemplateJson;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.io.ByteSource;
import com.google.common.io.MoreFiles;
import com.google.common.io.Resources;
import java.io.IOException;
import java.nio.file.Path;

/** Prompt templates: {@code prompts/NAME.json} among the resources, or a file of the user. */
final class PromptTemplates {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION).build();

  private PromptTemplates() {}

  static boolean isBuiltIn(String name) {
    return PromptTemplates.class.getClassLoader().getResource(resource(name)) != null;
  }

  private static String resource(String name) {
    return "prompts/" + name + ".json";
  }

  static PromptTemplate builtIn(String name) {
    String resource = resource(name);
    return read(resource, Resources.asByteSource(Resources.getResource(resource)));
  }

  static PromptTemplate file(Path path) {
    return read(path.toString(), MoreFiles.asByteSource(path));
  }

  private static PromptTemplate read(String name, ByteSource source) {
    try {
      return PromptTemplateJson.read("template", MAPPER.readTree(source.read()));
    } catch (JsonProcessingException e) {
      int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
      throw new DatasetException(
          "prompt template %s: line %d: not JSON (%s)"
              .formatted(name, line, OneLine.of(e.getOriginalMessage())),
          e);
    } catch (IOException e) {
      throw new DatasetException(
          "prompt template %s cannot be read: %s".formatted(name, OneLine.of(e)), e);
    } catch (PlanException e) {
      throw new DatasetException("prompt template %s: %s".formatted(name, e.getMessage()), e);
    }
  }
}
