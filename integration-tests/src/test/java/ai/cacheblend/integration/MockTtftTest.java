package ai.cacheblend.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.cacheblend.mock.Delays;
import ai.cacheblend.mock.MockJournal;
import ai.cacheblend.mock.MockScript;
import ai.cacheblend.mock.MockWorker;
import ai.cacheblend.mock.VirtualClock;
import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.base.Ticker;
import com.google.common.collect.Lists;
import com.google.common.primitives.ImmutableIntArray;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MockTtftTest {
  @TempDir Path folder;

  @Test
  void promptsHaveExactLengthsAndShareNoChunk() throws IOException {
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      Cli cli = ttft(worker, "--lengths", "64,200", "--trials", "3", "--chunk-tokens", "50");

      assertThat(cli.exitCode()).as(cli.err()).isZero();
      List<MockJournal.Generated> generated = worker.journal().generated();
      // (3 trials + 1 warm-up) x 2 lengths x 3 arms
      assertThat(generated).hasSize(24);
      assertThat(generated).extracting(g -> g.prompt().length()).containsOnly(64, 200);
      List<ImmutableIntArray> chunks = new ArrayList<>();
      generated.stream()
          .filter(g -> g.arm().equals("full_prefill"))
          .forEach(g -> chunks.addAll(g.chunks()));
      // 64 - BOS - 32 = 31 tokens: one chunk; 200 - BOS - 32 = 167: 50, 50, 50, 17
      assertThat(chunks).hasSize(4 * 1 + 4 * 4).doesNotHaveDuplicates();
      assertThat(chunks).extracting(ImmutableIntArray::length).containsOnly(31, 50, 17);
      assertThat(generated).allSatisfy(g -> assertThat(g.prompt().get(0)).isEqualTo(1));
    }
  }

  @Test
  void promptsOfAModelWithoutBosHaveNone() throws IOException {
    try (MockWorker worker = MockWorker.start(MockScript.sound().withoutBos())) {
      Cli cli = ttft(worker, "--lengths", "64", "--trials", "1");

      assertThat(cli.exitCode()).as(cli.err()).isZero();
      MockJournal.Generated first = worker.journal().generated().get(0);
      assertThat(first.prompt().length()).isEqualTo(64);
      assertThat(first.chunks()).extracting(ImmutableIntArray::length).containsExactly(32);
    }
  }

  @Test
  void knownDelaysAreMeasured() throws IOException {
    Delays delays =
        Delays.prefill(
            (arm, tokens) ->
                Duration.ofMillis(
                    switch (arm) {
                      case "full_prefill" -> 120;
                      case "cacheblend" -> 40;
                      default -> 20;
                    }));
    VirtualClock clock = VirtualClock.exact();
    try (MockWorker worker = MockWorker.start(MockScript.sound().withDelays(delays), clock)) {
      Cli cli = ttft(clock, worker, "--lengths", "64", "--trials", "5", "--max-new-tokens", "3");

      assertThat(cli.exitCode()).as(cli.err()).isZero();
      JsonNode row = JsonFiles.read(folder.resolve("result.json")).at("/rows/0");
      assertThat(row.get("full_prefill_mean").doubleValue()).isEqualTo(0.120, within(1e-9));
      assertThat(row.get("full_kv_reuse_mean").doubleValue()).isEqualTo(0.020, within(1e-9));
      assertThat(row.get("cacheblend_mean").doubleValue()).isEqualTo(0.040, within(1e-9));
      assertThat(row.get("worker_cacheblend_mean").doubleValue()).isEqualTo(0.040, within(1e-9));
      assertThat(row.get("cacheblend_std").doubleValue()).isEqualTo(0, within(1e-9));
      assertThat(row.get("speedup").doubleValue()).isEqualTo(3, within(1e-9));
    }
  }

  @Test
  void timesOfACallAreOrdered() throws IOException {
    Delays delays =
        new Delays(
            Duration.ZERO,
            (arm, tokens) -> Duration.ofMillis(2),
            Duration.ofMillis(1),
            Duration.ZERO);
    try (MockWorker worker = MockWorker.start(MockScript.sound().withDelays(delays))) {
      Cli cli = ttft(worker, "--lengths", "64", "--trials", "2", "--max-new-tokens", "3");

      assertThat(cli.exitCode()).as(cli.err()).isZero();
      for (JsonNode trial : JsonFiles.lines(folder.resolve("trials.jsonl"))) {
        JsonNode moments = trial.get("moments_nanos");
        // The worker waits between these events, so that they cannot coincide.
        assertThat(nanos(moments, "sent")).isLessThan(nanos(moments, "first_token"));
        assertThat(nanos(moments, "headers")).isLessThanOrEqualTo(nanos(moments, "first_message"));
        assertThat(nanos(moments, "first_token")).isLessThan(nanos(moments, "last_token"));
        assertThat(nanos(moments, "last_token")).isLessThanOrEqualTo(nanos(moments, "closed"));
      }
    }
  }

  private static long nanos(JsonNode moments, String name) {
    return moments.get(name).longValue();
  }

  @Test
  void seedDeterminesPromptsAndOrder() throws IOException {
    List<String> first = armsOfRun("7");
    List<String> again = armsOfRun("7");
    List<String> other = armsOfRun("8");

    assertThat(again).isEqualTo(first);
    assertThat(other).isNotEqualTo(first);
    assertThat(first.stream().map(line -> line.substring(0, line.indexOf(' '))).distinct())
        .containsExactlyInAnyOrder("full_prefill", "full_kv_reuse", "cacheblend");
    // With a fixed order, the same arm would be first in all twelve trials.
    assertThat(
            IntStream.range(0, 12)
                .mapToObj(trial -> first.get(3 * trial).split(" ", 2)[0])
                .distinct())
        .hasSizeGreaterThan(1);
  }

  private List<String> armsOfRun(String seed) throws IOException {
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      Cli cli =
          ttft(
              worker,
              "--lengths",
              "64",
              "--trials",
              "12",
              "--warmup",
              "0",
              "--seed",
              seed,
              "--overwrite");
      assertThat(cli.exitCode()).as(cli.err()).isZero();
      return worker.journal().generated().stream()
          .map(g -> g.arm() + " " + g.prompt().hashCode())
          .toList();
    }
  }

  @Test
  void trialsAreInterleavedAcrossLengthsInRandomOrder() throws IOException {
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      Cli cli =
          ttft(worker, "--lengths", "64,96,128", "--trials", "6", "--warmup", "0", "--seed", "1");

      assertThat(cli.exitCode()).as(cli.err()).isZero();
      List<Integer> lengths =
          worker.journal().generated().stream()
              .filter(g -> g.arm().equals("full_prefill"))
              .map(g -> g.prompt().length())
              .toList();
      List<List<Integer>> rounds = Lists.partition(lengths, 3);
      assertThat(rounds)
          .hasSize(6)
          .allSatisfy(r -> assertThat(r).containsExactlyInAnyOrder(64, 96, 128));
      assertThat(new HashSet<>(rounds)).hasSizeGreaterThan(1);
    }
  }

  @Test
  void everyArmFormRuns() throws IOException {
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      Cli cli =
          ttft(
              worker,
              "--lengths",
              "300",
              "--trials",
              "1",
              "--chunk-tokens",
              "100",
              "--arms",
              "full_prefill,prefix_caching,full_kv_reuse,cacheblend,cacheblend@0.3:key,"
                  + "cacheblend@1=0.2,2=0.17,3=0.15,chunk-head@0.15,chunk-head:k=16,cacheblend@auto,"
                  + "query-attn@0.15,query-attn@0.3:expand:layers=1-3,head-attn@0.15,"
                  + "deviation-x-attn@1=0.2,2=0.15:key,"
                  + "random@0.15:seed=9,cacheblend@0,cacheblend@1");

      // The mock selects rows itself, so a valid trial means that both counts agree.
      assertThat(cli.exitCode()).as(cli.err()).isZero();
      JsonNode result = JsonFiles.read(folder.resolve("result.json"));
      assertThat(result.at("/rows/0/n").intValue()).isEqualTo(1);
      assertThat(result.at("/rows/0/invalid").intValue()).isZero();
      assertThat(result.at("/rows/0/chunk-head:k=16_mean").isNumber()).isTrue();
      assertThat(result.at("/plan/arms/5/schedule/2").doubleValue()).isEqualTo(0.17);
      JsonNode blend =
          JsonFiles.lines(folder.resolve("trials.jsonl")).stream()
              .filter(t -> t.get("arm").textValue().equals("cacheblend"))
              .findFirst()
              .orElseThrow();
      // 300 - BOS - 32 = 267 cached rows; 15 % of them is 40.05.
      assertThat(blend.at("/rows/recomputed").intValue()).isEqualTo(41);
      assertThat(blend.at("/rows/reused").intValue()).isEqualTo(226);
      assertThat(blend.at("/rows/computed").intValue()).isEqualTo(33);
      JsonNode prefix =
          JsonFiles.lines(folder.resolve("trials.jsonl")).stream()
              .filter(t -> t.get("arm").textValue().equals("prefix_caching"))
              .findFirst()
              .orElseThrow();
      // 268 tokens before the suffix: 4 blocks of 64.
      assertThat(prefix.at("/rows/reused").intValue()).isEqualTo(256);
      assertThat(prefix.at("/rows/computed").intValue()).isEqualTo(44);
    }
  }

  @Test
  void lengthAboveTheLimitIsRejectedBeforeTheRun() throws IOException {
    MockScript script = MockScript.sound().withLimits(1000, 4, 1L << 30);
    try (MockWorker worker = MockWorker.start(script)) {
      Cli cli = ttft(worker, "--lengths", "64,995");

      assertThat(cli.exitCode()).isEqualTo(1);
      assertThat(cli.err()).contains("lengths has 995").contains("limit of 1000").hasLineCount(1);
      assertThat(worker.journal().collectedKeys()).isEmpty();
    }
  }

  @Test
  void tierThatTheWorkerDoesNotHaveIsRejectedBeforeTheRun() throws IOException {
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      Cli cli = ttft(worker, "--lengths", "64", "--tier", "disk");

      assertThat(cli.exitCode()).isEqualTo(1);
      assertThat(cli.err()).contains("tier is disk", worker.address(), "--disk").hasLineCount(1);
      assertThat(worker.journal().collectedKeys()).isEmpty();
    }
  }

  @Test
  void suffixFractionIsAShareOfThePrompt() throws IOException {
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      Cli cli = ttft(worker, "--lengths", "101", "--trials", "1", "--suffix-fraction", "0.25");

      assertThat(cli.exitCode()).as(cli.err()).isZero();
      // 101 - BOS - 25
      assertThat(worker.journal().generated().get(0).chunks())
          .extracting(ImmutableIntArray::length)
          .containsExactly(75);
    }
  }

  private Cli ttft(MockWorker worker, String... options) {
    return ttft(Ticker.systemTicker(), worker, options);
  }

  private Cli ttft(Ticker clock, MockWorker worker, String... options) {
    List<String> arguments =
        new ArrayList<>(List.of("ttft", "--worker", worker.address(), "--out", folder.toString()));
    if (!List.of(options).contains("--warmup")) {
      arguments.addAll(List.of("--warmup", "1"));
    }
    arguments.addAll(List.of(options));
    return Cli.run(clock, arguments.toArray(String[]::new));
  }
}
