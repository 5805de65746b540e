package ai.cacheblend.integration;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.mock.MockScript;
import ai.cacheblend.mock.MockWorker;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MockPlanIT {
  @TempDir Path folder;

  @Test
  void dryRunPrintsThePlanOfTheRun() throws IOException {
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      Cli dry =
          cli(
              worker,
              "ttft",
              "--lengths",
              "64,100,200",
              "--trials",
              "2",
              "--seed",
              "5",
              "--dry-run");

      assertThat(dry.exitCode()).as(dry.err()).isZero();
      assertThat(dry.err())
          .contains("would take about")
          .contains("timed: one block each of [64, 100]");
      Path plan = Files.writeString(folder.resolve("plan-in.json"), dry.out());
      Cli run = cli(worker, "ttft", "--plan", plan.toString(), "--out", out().toString());

      assertThat(run.exitCode()).as(run.err()).isZero();
      JsonNode result = JsonFiles.read(out().resolve("result.json"));
      assertThat(result.get("plan")).isEqualTo(JsonFiles.parse(dry.out()));
      assertThat(result.get("plan_id"))
          .isEqualTo(JsonFiles.read(out().resolve("plan.json")).get("plan_id"));
      assertThat(JsonFiles.lines(out().resolve("trials.jsonl")))
          .allSatisfy(row -> assertThat(row.get("plan_id")).isEqualTo(result.get("plan_id")));
      // A result can be used as a plan.
      Cli again = cli(worker, "ttft", "--plan", out().resolve("result.json").toString());
      assertThat(again.exitCode()).as(again.err()).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({"quality, --samples, first", "gate, --max-samples, random"})
  void gateDrawsItsSamplesFromTheWholeDataSet(String command, String limit, String sampling)
      throws IOException {
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      Cli dry = cli(worker, command, limit, "6", "--dataset", "pocketwiki", "--dry-run");

      assertThat(dry.exitCode()).as(dry.err()).isZero();
      assertThat(JsonFiles.parse(dry.out()).get("sampling").textValue()).isEqualTo(sampling);
    }
  }

  @Test
  void qualityPlanIdentifiesItsData() throws IOException {
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      Cli dry = cli(worker, "quality", "--dataset", "pocketwiki", "--samples", "6", "--dry-run");

      assertThat(dry.exitCode()).as(dry.err()).isZero();
      assertThat(dry.err()).contains("timed: 2 samples");
      Path plan = Files.writeString(folder.resolve("plan-in.json"), dry.out());
      Cli run = cli(worker, "quality", "--plan", plan.toString(), "--out", out().toString());
      assertThat(run.exitCode()).as(run.err()).isZero();
      assertThat(JsonFiles.read(out().resolve("result.json")).get("n").intValue()).isEqualTo(6);

      Files.writeString(plan, dry.out().replaceFirst("(prompts_sha256\" : \").", "$1x"));
      Cli other = cli(worker, "quality", "--plan", plan.toString());
      assertThat(other.exitCode()).isEqualTo(2);
      assertThat(other.error()).contains("prompts_sha256 is x");
    }
  }

  @Test
  void planFileExcludesOptions() throws IOException {
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      Cli cli = cli(worker, "ttft", "--plan", "any.json", "--trials", "3");

      assertThat(cli.exitCode()).isEqualTo(2);
      assertThat(cli.error()).contains("--plan replaces --trials");
    }
  }

  private Path out() {
    return folder.resolve("out");
  }

  private static Cli cli(MockWorker worker, String command, String... options) {
    List<String> arguments = new ArrayList<>(List.of(command, "--worker", worker.address()));
    arguments.addAll(List.of(options));
    return Cli.run(arguments.toArray(String[]::new));
  }
}
