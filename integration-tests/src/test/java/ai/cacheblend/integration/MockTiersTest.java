package ai.cacheblend.integration;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.mock.MockScript;
import ai.cacheblend.mock.MockWorker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command plan-tiers on runs with the mock worker. */
final class MockTiersTest {
  @TempDir Path folder;

  @Test
  void printsThresholdsAndPredictionsAndDrawsAChart() throws IOException {
    Path run = ttft("full_prefill,cacheblend@0.15");
    Path chart = folder.resolve("tiers.svg");

    Cli cli =
        Cli.run("plan-tiers", run.toString(), "--bandwidth", "12,0.5", "--chart", chart.toString());

    assertThat(cli.exitCode()).as(cli.err()).isZero();
    assertThat(cli.out())
        .containsPattern("tokens +KV MB +full prefill +cacheblend@0.15 +pays +hidden");
    assertThat(cli.out()).containsPattern("(?m)^tokens +0.500 GB/s +12.0 GB/s$");
    assertThat(cli.out().lines().filter(line -> line.matches("(64|100) .*"))).hasSize(4);
    assertThat(cli.out().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThan(81));
    assertThat(Files.readString(chart)).contains("64 tokens", "100 tokens", "bandwidth");
  }

  @Test
  void namesWhatTheRunLacks() throws IOException {
    Cli without = Cli.run("plan-tiers", ttft("cacheblend@0.15,full_kv_reuse").toString());
    assertThat(without.exitCode()).isEqualTo(1);
    assertThat(without.error()).contains("has no full prefill; add full_prefill to --arms");

    Cli unknown = Cli.run("plan-tiers", folder.resolve("run").toString(), "--bandwidth", "0");
    assertThat(unknown.exitCode()).isEqualTo(2);
    assertThat(unknown.error()).contains("--bandwidth is 0.0; set it to more than 0 GB/s");
  }

  @Test
  void refusesAnArmThatReusesNoChunks() throws IOException {
    Cli cli =
        Cli.run("plan-tiers", ttft("full_prefill,cacheblend").toString(), "--arm-name", "other");

    assertThat(cli.exitCode()).isEqualTo(1);
    assertThat(cli.error()).contains("has no valid trial of an arm other that reuses KV");
  }

  private Path ttft(String arms) throws IOException {
    Path out = folder.resolve("run");
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      Cli cli =
          Cli.run(
              "ttft",
              "--worker",
              worker.address(),
              "--out",
              out.toString(),
              "--trials",
              "2",
              "--warmup",
              "1",
              "--lengths",
              "64,100",
              "--arms",
              arms);
      assertThat(cli.exitCode()).as(cli.err()).isZero();
    }
    return out;
  }
}
