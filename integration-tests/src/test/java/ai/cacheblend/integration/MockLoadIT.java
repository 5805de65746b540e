package ai.cacheblend.integration;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.mock.Fault;
import ai.cacheblend.mock.MockScript;
import ai.cacheblend.mock.MockWorker;
import com.fasterxml.jackson.databind.JsonNode;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Load runs against mock workers. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class MockLoadIT {
  @TempDir Path folder;

  @Test
  void anOpenLoopAccountsForEveryRequestOfEveryArm() throws IOException {
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      Cli cli =
          load(
              List.of(worker),
              "--rate",
              "200,400",
              "--requests",
              "20",
              "--slo",
              "ttft=10s,itl=10s",
              "--arms",
              "full_prefill,cacheblend@0.5");

      assertThat(cli.exitCode()).as(cli.err()).isZero();
      JsonNode result = JsonFiles.read(out().resolve("result.json"));
      assertThat(result.get("benchmark").asText()).isEqualTo("load");
      assertThat(result.get("levels")).hasSize(4);
      for (JsonNode level : result.get("levels")) {
        assertThat(level.get("requests").intValue()).isEqualTo(20);
        assertThat(level.get("failed").intValue()).isZero();
        assertThat(level.at("/ttft/n").intValue()).isEqualTo(20);
        assertThat(level.at("/itl/n").intValue()).isEqualTo(40);
        // 20 requests support the median, not p90.
        assertThat(level.at("/ttft/p50").isNumber()).isTrue();
        assertThat(level.at("/ttft/p90").isMissingNode()).isTrue();
        boolean reads = !level.get("arm").asText().equals("full_prefill");
        assertThat(level.get("hit_rate").isNull()).isEqualTo(!reads);
        // 1 + 2 x 16 + 4 tokens.
        assertThat(
                level.get("reused_tokens").longValue()
                    + level.get("recomputed_tokens").longValue()
                    + level.get("computed_tokens").longValue())
            .isEqualTo(20 * 37);
        assertThat(level.get("good_share").doubleValue()).isEqualTo(1);
      }
      List<JsonNode> rows = JsonFiles.lines(out().resolve("requests.jsonl"));
      // 2 levels x 2 arms x 2 slices x (10 measured + 2 warm-up)
      assertThat(rows).hasSize(96);
      assertThat(JsonFiles.lines(out().resolve("slices.jsonl"))).hasSize(8);
      assertThat(worker.journal().generated()).hasSize(96);
      assertThat(out().resolve("report.html")).exists();
      assertThat(cli.out()).contains("cacheblend@0.5").contains("objective");
      assertThat(cli.out().lines()).allMatch(line -> line.length() <= 80);
    }
  }

  @Test
  void allArmsGetTheSamePromptsAtTheSameMoments() throws IOException {
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      Cli cli = load(List.of(worker), "--rate", "300", "--requests", "10");

      assertThat(cli.exitCode()).as(cli.err()).isZero();
      List<List<Integer>> prompts = new ArrayList<>();
      for (String arm : List.of("full_prefill", "full_kv_reuse", "cacheblend")) {
        List<Integer> hashes = new ArrayList<>();
        worker.journal().generated().stream()
            .filter(g -> g.arm().equals(arm))
            .forEach(g -> hashes.add(g.prompt().hashCode()));
        hashes.sort(null);
        prompts.add(hashes);
      }
      assertThat(prompts.get(1)).isEqualTo(prompts.get(0)).hasSize(14).doesNotHaveDuplicates();
      assertThat(prompts.get(2)).isEqualTo(prompts.get(0));
    }
  }

  @Test
  void failedRequestsCountAgainstTheObjective() throws IOException {
    Fault refuse =
        new Fault.Refuse(Fault.Method.GENERATE, call -> call % 2 == 0, Status.RESOURCE_EXHAUSTED);
    try (MockWorker worker = MockWorker.start(MockScript.sound().withFaults(refuse))) {
      Cli cli =
          load(
              List.of(worker),
              "--concurrency",
              "1",
              "--requests",
              "8",
              "--slices",
              "1",
              "--warmup",
              "0",
              "--arms",
              "full_prefill",
              "--slo",
              "ttft=10s");

      assertThat(cli.exitCode()).as(cli.err()).isZero();
      JsonNode level = JsonFiles.read(out().resolve("result.json")).at("/levels/0");
      assertThat(level.get("requests").intValue()).isEqualTo(8);
      assertThat(level.get("failed").intValue()).isEqualTo(4);
      assertThat(level.get("refused").intValue()).isEqualTo(4);
      assertThat(level.get("good_share").doubleValue()).isEqualTo(0.5);
      assertThat(level.at("/ttft/n").intValue()).isEqualTo(4);
      assertThat(level.at("/send_lag/n").intValue()).isEqualTo(8);
    }
  }

  @Test
  void severalWorkersShareTheRequests() throws IOException {
    try (MockWorker one = MockWorker.start(MockScript.sound());
        MockWorker two = MockWorker.start(MockScript.sound())) {
      Cli cli = load(List.of(one, two), "--concurrency", "8", "--requests", "40");

      assertThat(cli.exitCode()).as(cli.err()).isZero();
      int count = one.journal().generated().size() + two.journal().generated().size();
      assertThat(count).isEqualTo(3 * 2 * (20 + 8));
      assertThat(one.journal().generated()).isNotEmpty();
      assertThat(two.journal().generated()).isNotEmpty();
    }
  }

  @Test
  void aRunIsResumedAtTheNextLevelAndAPlanIsRepeated() throws IOException {
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      String[] options = {"--rate", "200,300", "--requests", "6", "--arms", "full_prefill"};
      Cli cli = load(List.of(worker), options);
      assertThat(cli.exitCode()).as(cli.err()).isZero();
      Path slices = out().resolve("slices.jsonl");
      List<String> lines = Files.readAllLines(slices);
      JsonNode before = JsonFiles.read(out().resolve("result.json"));
      // As if the process had been killed in the second level.
      Files.write(slices, lines.subList(0, 3));
      Files.delete(out().resolve("result.json"));

      int known = worker.journal().generated().size();
      List<String> again = new ArrayList<>(List.of(options));
      again.add("--resume");
      Cli resumed = load(List.of(worker), again.toArray(String[]::new));

      assertThat(resumed.exitCode()).as(resumed.err()).isZero();
      assertThat(resumed.err()).contains("1 complete levels kept");
      assertThat(worker.journal().generated()).hasSize(known + known / 2);
      JsonNode after = JsonFiles.read(out().resolve("result.json"));
      assertThat(after.at("/levels/0")).isEqualTo(before.at("/levels/0"));
      assertThat(after.get("levels")).hasSize(2);
      assertThat(after.at("/sessions/1/discarded_rows").intValue()).isEqualTo(known / 2);
      assertThat(JsonFiles.lines(out().resolve("requests.jsonl"))).hasSize(known);

      Cli replay =
          Cli.run(
              "load",
              "--worker",
              worker.address(),
              "--plan",
              out().resolve("result.json").toString());
      assertThat(replay.exitCode()).as(replay.err()).isZero();
      Cli other = load(List.of(worker), "--rate", "200", "--requests", "6", "--resume");
      assertThat(other.exitCode()).isEqualTo(1);
      assertThat(other.error()).contains("the folder contains another run").contains("plan rate");
    }
  }

  @Test
  void aDryRunPrintsThePlanAndAnEstimate() throws IOException {
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      Cli cli = load(List.of(worker), "--rate", "1..4/3", "--duration", "30s", "--dry-run");

      assertThat(cli.exitCode()).as(cli.err()).isZero();
      JsonNode plan = JsonFiles.parse(cli.out());
      assertThat(plan.get("rate").toString()).isEqualTo("[1.0,2.0,4.0]");
      assertThat(plan.get("duration_seconds").doubleValue()).isEqualTo(30);
      assertThat(cli.err()).contains("would take about 4 min");
      assertThat(out().resolve("plan.json")).doesNotExist();
    }
  }

  @Test
  void badOptionsAreNamed() throws IOException {
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      assertBad(
          worker,
          "give exactly one of --rate, --concurrency and --trace",
          "--rate",
          "1",
          "--concurrency",
          "2");
      assertBad(worker, "--rate, --concurrency and --trace", "--requests", "3");
      assertBad(worker, "rate is '1,x'", "--rate", "1,x");
      assertBad(worker, "arrivals is 'uniform'", "--rate", "1", "--arrivals", "uniform");
      assertBad(worker, "slo has the metric 'foo'", "--rate", "1", "--slo", "foo=1s");
      assertBad(worker, "duration is '60'", "--rate", "1", "--duration", "60");
      assertBad(worker, "chunks is 9", "--rate", "1", "--chunks", "9");
      assertBad(worker, "popularity is 'zipf'", "--rate", "1", "--popularity", "zipf");
      Cli tooLong = load(List.of(worker), "--rate", "1", "--chunk-tokens", "40000");
      assertThat(tooLong.error()).contains("the limit of the workers is 32768");
    }
  }

  private void assertBad(MockWorker worker, String message, String... options) {
    Cli cli = load(List.of(worker), options);
    assertThat(cli.exitCode()).isEqualTo(2);
    assertThat(cli.error()).contains(message).contains("(see cacheblend load --help)");
    assertThat(out()).doesNotExist();
  }

  private Path out() {
    return folder.resolve("out");
  }

  private Cli load(List<MockWorker> workers, String... options) {
    return SmallLoad.run(out(), workers, options);
  }
}
