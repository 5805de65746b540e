package ai.cacheblend.integration;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.mock.Delays;
import ai.cacheblend.mock.MockScript;
import ai.cacheblend.mock.MockWorker;
import ai.cacheblend.mock.VirtualClock;
import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.base.Ticker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Outputs of a run: example, page, charts, tables, comparison. */
final class MockReportTest {
  @TempDir Path folder;

  @Test
  void runRecordsAnExampleAndWritesItsPage() throws IOException {
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      Path run = ttft(worker, "run", "--lengths", "64,100");

      JsonNode examples = JsonFiles.read(run.resolve("example.json")).get("examples");
      assertThat(examples.findValuesAsText("label")).containsExactly("64 tokens", "100 tokens");
      List<String> pieces = new ArrayList<>();
      examples.get(1).findValues("pieces").forEach(of -> of.forEach(p -> pieces.add(p.asText())));
      assertThat(pieces).hasSize(100);
      // The mock's tokens are bytes of English text, behind a BOS token without text.
      assertThat(String.join("", pieces)).hasSizeBetween(90, 99).containsPattern("[a-z]{3}");
      JsonNode arm = examples.get(1).at("/arms/cacheblend");
      // 100 - BOS - 32 = 67 cached rows, of which 15 % are 11; and 33 forced ones.
      assertThat(arm.get("active_positions")).hasSize(11 + 33);
      assertThat(arm.at("/layers/0/scores")).hasSize(67);
      assertThat(Files.readString(run.resolve("report.html")))
          .contains("Recomputed tokens: 100 tokens");
    }
  }

  @Test
  void runWithoutABlendingArmHasNoExample() throws IOException {
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      Path run = ttft(worker, "run", "--arms", "full_prefill,full_kv_reuse");

      assertThat(run.resolve("example.json")).doesNotExist();
      assertThat(run.resolve("report.html")).exists();
    }
  }

  @Test
  void reportWritesPageChartsAndTables() throws IOException {
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      Path run = ttft(worker, "run");
      Cli cli =
          Cli.run(
              "report",
              run.toString(),
              "--out",
              folder.resolve("page/all.html").toString(),
              "--charts",
              folder.resolve("charts").toString(),
              "--csv",
              folder.resolve("csv").toString());

      assertThat(cli.exitCode()).as(cli.err()).isZero();
      // The pages differ in the command that writes them.
      assertThat(withoutItsPath(folder.resolve("page/all.html")))
          .isEqualTo(withoutItsPath(run.resolve("report.html")));
      assertThat(folder.resolve("charts/run-time.svg")).exists();
      // A header; 3 trials and 1 warm-up of three arms.
      assertThat(Files.readAllLines(folder.resolve("csv/run-trials.csv"))).hasSize(1 + 4 * 3);
    }
  }

  @Test
  void slowerWorkerFailsTheCondition() throws IOException {
    VirtualClock clock = VirtualClock.jittering();
    try (MockWorker fast = MockWorker.start(script(40), clock);
        MockWorker slow = MockWorker.start(script(80), clock)) {
      Path a = ttft(clock, fast, "a");
      Path b = ttft(clock, slow, "b");
      Path out = folder.resolve("comparison.json");
      Cli same = Cli.run("compare", a.toString(), a.toString(), "--fail-if", "ttft>+5%");
      Cli slower =
          Cli.run(
              "compare",
              a.toString(),
              b.toString(),
              "--fail-if",
              "ttft>+20%",
              "--out",
              out.toString());

      assertThat(same.exitCode()).as(same.out()).isZero();
      assertThat(same.out()).contains("No difference resolved.", "passed: ttft>+5%");
      assertThat(slower.exitCode()).as(slower.out()).isEqualTo(1);
      assertThat(slower.out()).contains("FAILED: ttft>+20%");
      assertThat(JsonFiles.read(out).at("/cells/0/pairs").intValue()).isEqualTo(3);
      assertThat(JsonFiles.read(out).get("failed").booleanValue()).isTrue();
    }
  }

  @Test
  void runsOfTwoModelsAreNotCompared() throws IOException {
    try (MockWorker one = MockWorker.start(MockScript.sound());
        MockWorker other = MockWorker.start(MockScript.sound().withFingerprint("other"))) {
      Cli cli = Cli.run("compare", ttft(one, "a").toString(), ttft(other, "b").toString());

      assertThat(cli.exitCode()).isEqualTo(2);
      assertThat(cli.error()).contains("model fingerprint differs", "other");
    }
  }

  private static MockScript script(int millis) {
    return MockScript.sound()
        .withDelays(
            new Delays(
                Duration.ZERO,
                (arm, tokens) -> Duration.ofMillis(millis),
                Duration.ZERO,
                Duration.ZERO));
  }

  private Path ttft(MockWorker worker, String name, String... more) {
    return ttft(Ticker.systemTicker(), worker, name, more);
  }

  private Path ttft(Ticker clock, MockWorker worker, String name, String... more) {
    Path out = folder.resolve(name);
    List<String> arguments =
        new ArrayList<>(List.of("ttft", "--worker", worker.address(), "--out", out.toString()));
    arguments.addAll(List.of("--trials", "3", "--warmup", "1"));
    if (!List.of(more).contains("--lengths")) {
      arguments.addAll(List.of("--lengths", "64"));
    }
    arguments.addAll(List.of(more));
    Cli cli = Cli.run(clock, arguments.toArray(String[]::new));
    assertThat(cli.exitCode()).as(cli.err()).isZero();
    return out;
  }

  private static String withoutItsPath(Path page) throws IOException {
    return Files.readString(page).replace(page.toString(), "PAGE");
  }
}
