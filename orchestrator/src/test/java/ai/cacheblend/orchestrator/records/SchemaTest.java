package ai.cacheblend.orchestrator.records;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.orchestrator.compare.Comparison;
import ai.cacheblend.orchestrator.compare.ComparisonFile;
import ai.cacheblend.orchestrator.compare.Condition;
import ai.cacheblend.orchestrator.testing.LoadSamples;
import ai.cacheblend.orchestrator.testing.SampleRuns;
import ai.cacheblend.orchestrator.testing.TierSamples;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every file that a run writes is valid by its schema, and the schemas reject other files. */
final class SchemaTest {
  private static final JsonSchemaFactory FACTORY =
      JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012);

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "plan, ttft-plan.json",
    "plan, sweep-plan.json",
    "trials, ttft-trial.jsonl",
    "samples, quality-sample.jsonl",
    "result-ttft, ttft-result.json",
    "result-quality, quality-result.json",
    "result-quality, gate-result.json",
    "result-sweep, sweep-result.json",
    "example, example.json",
    "comparison, compare.json"
  })
  void goldenFiles(String schema, String golden) throws IOException {
    JsonNode json = Json.parse(Files.readString(Path.of("src/test/resources/golden", golden)));

    assertThat(violations(schema, json)).isEmpty();
  }

  @Test
  void filesOfASweepAndItsPartsAreValid() throws IOException {
    SampleRuns.sweep(folder);

    assertValid("plan", folder.resolve("plan.json"));
    assertValid("result-sweep", folder.resolve("result.json"));
    Path ttft = folder.resolve("ttft");
    assertValid("plan", ttft.resolve("plan.json"));
    assertValid("trials", ttft.resolve("trials.jsonl"));
    assertValid("result-ttft", ttft.resolve("result.json"));
    assertValid("example", ttft.resolve("example.json"));
    Path quality = folder.resolve("pocketwiki");
    assertValid("plan", quality.resolve("plan.json"));
    assertValid("samples", quality.resolve("samples.jsonl"));
    assertValid("result-quality", quality.resolve("result.json"));
  }

  @Test
  void filesOfASweepOverTiersAreValid() throws IOException {
    TierSamples.write(folder);

    assertValid("plan", folder.resolve("plan.json"));
    assertValid("result-sweep", folder.resolve("result.json"));
    SweepResult read = (SweepResult) ResultFolder.read(folder).get(0);
    assertThat(read.tiers()).isEqualTo(TierSamples.summary().tiers());
  }

  @Test
  void filesOfALoadRunAreValid() throws IOException {
    LoadSamples.write(folder, 1, 1);

    assertValid("plan", folder.resolve("plan.json"));
    assertValid("requests", folder.resolve("requests.jsonl"));
    assertValid("slices", folder.resolve("slices.jsonl"));
    assertValid("result-load", folder.resolve("result.json"));
  }

  @Test
  void filesOfASearchAreValid() throws IOException {
    LoadSamples.writeSearch(folder, 1, 1);

    assertValid("plan", folder.resolve("plan.json"));
    assertValid("slices", folder.resolve("slices.jsonl"));
    assertValid("result-load", folder.resolve("result.json"));
  }

  @Test
  void filesOfAStreamAreValid() throws IOException {
    LoadSamples.writeStream(folder);

    assertValid("plan", folder.resolve("plan.json"));
    assertValid("slices", folder.resolve("slices.jsonl"));
    assertValid("result-load", folder.resolve("result.json"));
  }

  @Test
  void comparisonFileIsValid() {
    SampleRuns.noisy(folder.resolve("a"), 1, 1, "p");
    SampleRuns.noisy(folder.resolve("b"), 2, 1.1, "p");
    Comparison comparison =
        Comparison.of(
            ResultFolder.read(folder.resolve("a")),
            ResultFolder.read(folder.resolve("b")),
            List.of(Condition.parse("ttft>+5%")));

    assertThat(violations("comparison", ComparisonFile.of(comparison))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "trials, ttft-trial.jsonl, prompt_hash",
    "samples, quality-sample.jsonl, answers",
    "result-ttft, ttft-result.json, rows",
    "result-quality, quality-result.json, difference",
    "plan, ttft-plan.json, format_version"
  })
  void missingOrUnknownFieldIsAViolation(String schema, String golden, String field)
      throws IOException {
    ObjectNode json =
        (ObjectNode) Json.parse(Files.readString(Path.of("src/test/resources/golden", golden)));
    json.remove(field);
    assertThat(violations(schema, json)).anyMatch(v -> v.getMessage().contains(field));

    json.put("unknown_field", 1);
    assertThat(violations(schema, json)).anyMatch(v -> v.getMessage().contains("unknown_field"));
  }

  @Test
  void definitionsAreResolved() throws IOException {
    String golden = Files.readString(Path.of("src/test/resources/golden/ttft-result.json"));
    ObjectNode json = (ObjectNode) Json.parse(golden);
    ((ObjectNode) json.at("/rows/0/arms/cacheblend/worker_prefill")).put("mean", "fast");

    assertThat(violations("result-ttft", json)).anyMatch(v -> v.getMessage().contains("mean"));
  }

  private static void assertValid(String schema, Path file) throws IOException {
    List<String> documents =
        file.toString().endsWith(".jsonl")
            ? Files.readAllLines(file)
            : List.of(Files.readString(file));
    assertThat(documents).isNotEmpty();
    for (String document : documents) {
      assertThat(violations(schema, Json.parse(document))).as(file.toString()).isEmpty();
    }
  }

  private static Set<ValidationMessage> violations(String schema, JsonNode json) {
    JsonSchema of =
        FACTORY.getSchema(SchemaLocation.of("classpath:schema/" + schema + ".schema.json"));
    return of.validate(json);
  }
}
