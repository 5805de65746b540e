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

final class MockSweepIT {
  private static final String[] SMALL = {
    "--ratios",
    "0.1,0.2",
    "--selectors",
    "value,random",
    "--chunk-tokens",
    "32,64",
    "--chunk-counts",
    "1,2",
    "--suffix-tokens",
    "8",
    "--trials",
    "2",
    "--warmup",
    "1",
    "--samples",
    "4"
  };

  @TempDir Path folder;

  @Test
  void armsRunOnEveryShapeAndDataSet() throws IOException {
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      Cli cli = sweep(worker, "--dataset", "pocketwiki,pocketchat");

      assertThat(cli.exitCode()).as(cli.err()).isZero();
      assertThat(cli.err()).contains("chunks-32 (1 of 6)", "pocketchat-chunks-64 (6 of 6)");
      JsonNode result = JsonFiles.read(out().resolve("result.json"));
      assertThat(result.findValuesAsText("benchmark")).containsExactly("sweep");
      assertThat(result.get("parts"))
          .extracting(JsonNode::asText)
          .containsExactly(
              "chunks-32",
              "chunks-64",
              "pocketwiki-chunks-32",
              "pocketwiki-chunks-64",
              "pocketchat-chunks-32",
              "pocketchat-chunks-64");
      assertThat(
              JsonFiles.read(out().resolve("pocketwiki-chunks-32/result.json"))
                  .at("/plan/chunk_tokens")
                  .intValue())
          .isEqualTo(32);
      // Six arms, two sizes, two numbers of chunks, two data sets.
      assertThat(result.get("points")).hasSize(6 * 2 * 2 * 2);
      assertThat(result.get("points"))
          .extracting(point -> point.get("chunks") + " x " + point.get("chunk_tokens"))
          .containsOnly("1 x 32", "2 x 32", "1 x 64", "2 x 64");
      JsonNode last = result.at("/points/47");
      assertThat(last.get("arm").asText()).isEqualTo("random@0.2");
      assertThat(last.get("length").intValue()).isEqualTo(1 + 2 * 64 + 8);
      // Each part is a run of its own.
      JsonNode part = JsonFiles.read(out().resolve("chunks-64/result.json"));
      assertThat(part.at("/rows/1/arms/random@0.2/client_ttft")).isEqualTo(last.get("client_ttft"));
      assertThat(JsonFiles.lines(out().resolve("chunks-64/trials.jsonl"))).hasSize(2 * 3 * 6);
      assertThat(Files.readString(out().resolve("report.html")))
          .contains("Speed-up by prompt length and chunk size");
      assertThat(cli.out()).contains("2 x 64", "full_kv_reuse", "frontier");
    }
  }

  @Test
  void allSelectorsAreRankedAtEqualChargedBudgets() throws IOException {
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      Cli cli =
          Cli.run(
              "sweep",
              "--worker",
              worker.address(),
              "--selectors",
              "all",
              "--ratios",
              "0.1,0.3",
              "--chunk-tokens",
              "64",
              "--chunk-counts",
              "2",
              "--trials",
              "1",
              "--warmup",
              "1",
              "--samples",
              "4",
              "--out",
              out().toString());

      assertThat(cli.exitCode()).as(cli.err()).isZero();
      JsonNode result = JsonFiles.read(out().resolve("result.json"));
      assertThat(result.get("points")).hasSize(2 + 7 * 2);
      for (JsonNode point : result.get("points")) {
        assertThat(point.get("charged_budget").doubleValue()).isBetween(0.0, 2.0);
      }
      JsonNode levels = result.at("/rankings/0/levels");
      assertThat(levels).isNotEmpty();
      assertThat(levels.get(0).findValuesAsText("selector")).contains("chunk-head", "random");
      assertThat(cli.out())
          .contains("Selectors on pocketwiki at charged budget 0.3")
          .contains(result.at("/recommendation/candidates").asText() + " candidates");
      assertThat(Files.readString(out().resolve("report.html")))
          .contains("Selectors on pocketwiki at charged budget")
          .contains("Use full_prefill");
    }
  }

  @Test
  void interruptedSweepResumesInsideItsParts() throws IOException {
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      assertThat(sweep(worker).exitCode()).isZero();
      Path unbegun = out().resolve("pocketwiki-chunks-64");
      Files.delete(unbegun.resolve("plan.json"));
      Files.delete(unbegun.resolve("samples.jsonl"));
      Path rows = out().resolve("chunks-64/trials.jsonl");
      List<String> lines = Files.readAllLines(rows);
      Files.write(rows, lines.subList(0, lines.size() - 3));
      Cli resumed = sweep(worker, "--resume");

      assertThat(resumed.exitCode()).as(resumed.err()).isZero();
      assertThat(resumed.err())
          .contains("chunks-32: 4 complete blocks kept, 0 rows")
          .contains("chunks-64: 3 complete blocks kept, 3 rows")
          .doesNotContain("pocketwiki-chunks-64: ");
      assertThat(JsonFiles.lines(rows)).hasSizeGreaterThanOrEqualTo(lines.size());
      Cli other = sweep(worker, "--resume", "--margin", "0.05");
      assertThat(other.exitCode()).isEqualTo(1);
      assertThat(other.error()).contains("the folder contains another run: plan quality is");
    }
  }

  @Test
  void promptsThatDoNotFitAreRejectedBeforeTheRun() throws IOException {
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      Cli cli = sweep(worker, "--lengths", "64,100000");

      assertThat(cli.exitCode()).isEqualTo(1);
      assertThat(cli.error()).contains("lengths has 100000");
      assertThat(out()).doesNotExist();
    }
  }

  @Test
  void tiersAreCheckedBeforeTheRun() throws IOException {
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      Cli lacking = sweep(worker, "--tiers", "device,host");
      assertThat(lacking.exitCode()).isEqualTo(1);
      assertThat(lacking.error())
          .contains("tier is host, which worker " + worker.address() + " does not have; start it");

      assertThat(sweep(worker, "--tiers", "tape").error()).contains("tier is tape; use host or");
      assertThat(sweep(worker, "--throttle", "3GB/s").error())
          .contains("throttle is given without tiers; add --tiers");
      assertThat(sweep(worker, "--tiers", "device", "--throttle", "3GB/s").error())
          .contains("throttle is given with the device only; add host, disk or store to --tiers");
      assertThat(sweep(worker, "--tiers", "host@2GB/s", "--throttle", "3GB/s").error())
          .contains("each of tiers has a limit; list one without, such as host");
      assertThat(sweep(worker, "--tiers", "host", "--throttle", "3").error())
          .contains("throttle is 3; use a rate such as 3GB/s");
      Cli mixed = sweep(worker, "--tiers", "host@2GB/s,disk", "--throttle", "3GB/s", "--dry-run");
      assertThat(mixed.error()).contains("tier is host");
      assertThat(sweep(worker, "--tiers", "host@2GB").error())
          .contains("throttle is 2GB; use a rate such as 3GB/s");
      assertThat(sweep(worker, "--tiers", "host,disk,host").error())
          .contains("tiers has host twice; list each once");
      assertThat(out()).doesNotExist();
      // The device alone is a sweep without tiers.
      assertThat(sweep(worker, "--tiers", "device").exitCode()).isZero();
      assertThat(JsonFiles.read(out().resolve("plan.json")).at("/plan").has("tiers")).isFalse();
    }
  }

  @Test
  void dryRunPrintsThePlanOfTheRun() throws IOException {
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      Cli dry = sweep(worker, "--dry-run");

      assertThat(dry.exitCode()).as(dry.err()).isZero();
      assertThat(dry.err())
          .contains("would take about", "[41, 73] tokens", "[73, 137] tokens", "2 samples");
      assertThat(out()).doesNotExist();
      Path plan = Files.writeString(folder.resolve("plan.json"), dry.out());
      Cli run =
          Cli.run(
              "sweep",
              "--worker",
              worker.address(),
              "--plan",
              plan.toString(),
              "--out",
              out().toString());
      assertThat(run.exitCode()).as(run.err()).isZero();
      assertThat(JsonFiles.read(out().resolve("result.json")).get("plan"))
          .isEqualTo(JsonFiles.parse(dry.out()));

      Files.writeString(plan, dry.out().replaceFirst("(prompts_sha256\" : \").", "$1x"));
      Cli other = Cli.run("sweep", "--worker", worker.address(), "--plan", plan.toString());
      assertThat(other.exitCode()).isEqualTo(2);
      assertThat(other.error()).contains("prompts_sha256 is x");
    }
  }

  @Test
  void optionsOverrideANamedPlanButNotAPlanFile() throws IOException {
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      List<String> paper = new ArrayList<>(List.of("--plan", "paper", "--dry-run"));
      paper.addAll(List.of("--dataset", "pocketwiki", "--samples", "3", "--chunk-tokens", "16"));
      Cli cli = run(worker, paper);

      assertThat(cli.exitCode()).as(cli.err()).isZero();
      JsonNode plan = JsonFiles.parse(cli.out());
      assertThat(plan.get("chunk_counts")).extracting(JsonNode::intValue).containsExactly(6);
      assertThat(plan.get("chunk_tokens")).extracting(JsonNode::intValue).containsExactly(16);
      assertThat(plan.at("/quality/0/dataset").asText()).isEqualTo("pocketwiki");
      assertThat(plan.at("/arms/7/name").asText()).isEqualTo("cacheblend@0.18");

      Path file = Files.writeString(folder.resolve("plan.json"), cli.out());
      Cli mixed = run(worker, List.of("--plan", file.toString(), "--trials", "3"));
      assertThat(mixed.exitCode()).isEqualTo(2);
      assertThat(mixed.error()).contains("--plan replaces --trials");
      Cli none = run(worker, List.of("--plan", "papre"));
      assertThat(none.error()).contains("plan is papre", "default, paper, lengths");
    }
  }

  @Test
  void twoSweepsAreComparedPartByPart() throws IOException {
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      assertThat(sweep(worker).exitCode()).isZero();
      Cli cli = Cli.run("compare", out().toString(), out().toString());

      assertThat(cli.exitCode()).as(cli.err()).isZero();
      assertThat(cli.out())
          .contains("73 by 32", "73 by 64", "pocketwiki by 32")
          .contains("No difference resolved.");
    }
  }

  @Test
  void severalWorkersShareASweep() throws IOException {
    try (MockWorker one = MockWorker.start(MockScript.sound());
        MockWorker other = MockWorker.start(MockScript.sound())) {
      Cli cli = sweep(one, "--worker", other.address());

      assertThat(cli.exitCode()).as(cli.err()).isZero();
      assertThat(JsonFiles.lines(out().resolve("pocketwiki-chunks-32/samples.jsonl")))
          .extracting(row -> row.get("worker").asText())
          .contains(one.address(), other.address());
    }
  }

  private Path out() {
    return folder.resolve("out");
  }

  private Cli sweep(MockWorker worker, String... more) {
    List<String> arguments = new ArrayList<>(List.of(SMALL));
    if (List.of(more).contains("--lengths")) {
      int counts = arguments.indexOf("--chunk-counts");
      arguments.subList(counts, counts + 2).clear();
    }
    arguments.addAll(List.of("--out", out().toString()));
    arguments.addAll(List.of(more));
    return run(worker, arguments);
  }

  private static Cli run(MockWorker worker, List<String> options) {
    List<String> arguments = new ArrayList<>(List.of("sweep", "--worker", worker.address()));
    arguments.addAll(options);
    return Cli.run(arguments.toArray(String[]::new));
  }
}
