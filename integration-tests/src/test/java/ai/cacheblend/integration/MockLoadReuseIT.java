package ai.cacheblend.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.cacheblend.mock.MockScript;
import ai.cacheblend.mock.MockWorker;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Hit rates of load runs against mock workers. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class MockLoadReuseIT {
  @TempDir Path folder;

  @Test
  void precollectedChunksAreHits() throws IOException {
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      Cli cli =
          SmallLoad.run(
              folder.resolve("out"),
              List.of(worker),
              "--concurrency",
              "2",
              "--requests",
              "10",
              "--precollect",
              "--arms",
              "full_kv_reuse");

      assertThat(cli.exitCode()).as(cli.err()).isZero();
      JsonNode level = JsonFiles.read(folder.resolve("out").resolve("result.json")).at("/levels/0");
      assertThat(level.get("hit_rate").doubleValue()).isEqualTo(1);
      assertThat(level.get("over_time").get(0).get("hit_rate").doubleValue()).isEqualTo(1);
    }
  }

  /** Chunks in random order: only prompts that begin with the same chunk share a block. */
  @Test
  void theHitRateOfPrefixCachingIsThatOfTheReusedTokens() throws IOException {
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      Cli cli =
          SmallLoad.run(
              folder.resolve("out"),
              List.of(worker),
              "--concurrency",
              "1",
              "--requests",
              "40",
              "--chunk-tokens",
              "100",
              "--arms",
              "full_prefill,prefix_caching");

      assertThat(cli.exitCode()).as(cli.err()).isZero();
      JsonNode levels = JsonFiles.read(folder.resolve("out").resolve("result.json")).get("levels");
      assertThat(levels.get(0).get("hit_rate").isNull()).isTrue();
      JsonNode level = levels.get(1);
      double reused = level.get("reused_tokens").doubleValue();
      assertThat(level.get("hit_rate").doubleValue())
          .isEqualTo(reused / (reused + level.get("computed_tokens").doubleValue()), within(1e-9))
          .isBetween(0.0, 0.5);
      assertThat(reused).isPositive();
    }
  }

  /** The mock has room for a fraction of the pool, and refuses what does not fit. */
  @Test
  void aStreamOverADriftingPoolShowsItsCourse() throws IOException {
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      Cli cli =
          Cli.run(
              "load",
              "--worker",
              worker.address(),
              "--concurrency",
              "1",
              "--novel",
              "80",
              "--pool-chunks",
              "8",
              "--chunks",
              "2",
              "--chunk-tokens",
              "16",
              "--max-new-tokens",
              "1",
              "--warmup",
              "2",
              "--arms",
              "full_prefill,prefix_caching,full_kv_reuse",
              "--out",
              folder.resolve("out").toString());

      assertThat(cli.exitCode()).as(cli.err()).isZero();
      assertThat(cli.err()).contains("note: the pool's chunks").contains("--chunk-memory");
      JsonNode result = JsonFiles.read(folder.resolve("out").resolve("result.json"));
      assertThat(result.at("/plan/new_chunks_per_request").intValue()).isEqualTo(1);
      JsonNode levels = result.get("levels");
      assertThat(levels.get(0).at("/stream/change").isNull()).isTrue();
      assertThat(levels.get(1).at("/stream/windows")).hasSize(10);
      JsonNode change = levels.get(2).at("/stream/change");
      // One of about eight chunks in use is new with each request.
      assertThat(change.get("late_hit_rate").doubleValue()).isBetween(0.2, 0.9);
      assertThat(cli.out()).contains(" early and ").contains("hit rate");
      assertThat(Files.readString(folder.resolve("out").resolve("report.html")))
          .contains("late in the stream");
      // Chunks leave the pool: more are collected than it has at a time.
      assertThat(worker.journal().collectedKeys().stream().distinct().count()).isGreaterThan(20);
    }
  }

  @Test
  void aStreamSetsItsRequestsAndNeedsFullPrefill() {
    assertStreamRefused("--novel sets the number of requests", "--requests", "5");
    assertStreamRefused("--novel sets the number of requests", "--duration", "5s");
    assertStreamRefused("--novel is one slice", "--slices", "2");
    assertStreamRefused("arms has no full_prefill", "--arms", "cacheblend@0.15");
  }

  private static void assertStreamRefused(String message, String... options) {
    List<String> arguments = new ArrayList<>(List.of("load", "--rate", "1", "--novel", "9"));
    arguments.addAll(List.of(options));
    Cli cli = Cli.run(arguments.toArray(String[]::new));
    assertThat(cli.exitCode()).isEqualTo(2);
    assertThat(cli.err()).contains(message);
  }
}
