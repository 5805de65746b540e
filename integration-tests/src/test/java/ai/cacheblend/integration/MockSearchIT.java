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

/** {@code load} with rates that depend on results, with a trace, and with background requests. */
final class MockSearchIT {
  private static final List<String> SMALL =
      List.of("--chunk-tokens", "16", "--suffix-tokens", "4", "--warmup", "2");

  @TempDir Path folder;

  @Test
  void aSearchReportsTheCapacityOfEveryArmAndIsResumed() throws IOException {
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      String[] options = {
        "--rate",
        "auto",
        "--rounds",
        "4",
        "--requests",
        "8",
        "--slo",
        "ttft=1h",
        "--max-new-tokens",
        "3",
        "--pool-chunks",
        "8",
        "--chunks",
        "2",
        "--arms",
        "full_prefill,cacheblend@0.5"
      };
      Cli cli = load(worker, options);

      assertThat(cli.exitCode()).as(cli.err()).isZero();
      JsonNode result = JsonFiles.read(out().resolve("result.json"));
      assertThat(result.get("capacity")).hasSize(2);
      JsonNode full = result.at("/capacity/0");
      assertThat(full.get("arm").asText()).isEqualTo("full_prefill");
      assertThat(full.get("slo").asText()).isEqualTo("ttft:p90=1h");
      assertThat(full.get("max_rate").isNull()).isTrue();
      assertThat(full.at("/interval/high95").isNull()).isTrue();
      // Every slice meets the objective, so that the rate doubles from round to round.
      List<JsonNode> slices = JsonFiles.lines(out().resolve("slices.jsonl"));
      List<Double> rates =
          slices.stream()
              .filter(slice -> slice.get("arm").asText().equals("full_prefill"))
              .map(slice -> slice.get("rate").doubleValue())
              .toList();
      assertThat(rates).hasSize(4);
      assertThat(rates.get(3) / rates.get(0)).isBetween(7.9, 8.1);
      assertThat(full.at("/interval/low95").doubleValue()).isEqualTo(rates.get(3));
      assertThat(cli.out()).contains("Highest rate that meets ttft:p90=1h").contains("above");
      assertThat(cli.out().lines()).allMatch(line -> line.length() <= 80);

      // As if the process had been killed in the third round.
      Path file = out().resolve("slices.jsonl");
      Files.write(file, Files.readAllLines(file).subList(0, 5));
      List<String> again = new ArrayList<>(List.of(options));
      again.add("--resume");
      Cli resumed = load(worker, again.toArray(String[]::new));

      assertThat(resumed.exitCode()).as(resumed.err()).isZero();
      assertThat(resumed.err()).contains("2 complete levels kept");
      assertThat(JsonFiles.lines(file)).hasSize(8);
      assertThat(JsonFiles.read(out().resolve("result.json")).get("capacity"))
          .isEqualTo(result.get("capacity"));
    }
  }

  @Test
  void aTraceIsReplayedAndItsPlanRepeated() throws IOException {
    Path trace = folder.resolve("trace.jsonl");
    Files.writeString(
        trace,
        """
        {"timestamp": 0, "input_length": 1100, "output_length": 3, "hash_ids": [7, 8, 9]}
        {"timestamp": 20, "input_length": 1536, "output_length": 2, "hash_ids": [7, 8, 10]}
        {"timestamp": 60, "input_length": 700, "output_length": 1, "hash_ids": [8, 11]}
        """);
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      Cli cli =
          load(worker, "--trace", trace.toString(), "--warmup", "0", "--arms", "full_kv_reuse");

      assertThat(cli.exitCode()).as(cli.err()).isZero();
      List<JsonNode> rows = JsonFiles.lines(out().resolve("requests.jsonl"));
      assertThat(rows).extracting(row -> row.get("chunks").intValue()).containsExactly(2, 2, 1);
      assertThat(rows).extracting(row -> row.get("new_tokens").intValue()).containsExactly(3, 2, 1);
      long first = rows.get(0).at("/moments_nanos/intended").longValue();
      assertThat(rows)
          .extracting(row -> row.at("/moments_nanos/intended").longValue() - first)
          .containsExactly(0L, 20_000_000L, 60_000_000L);
      // 2 requests in 60 ms behind the first.
      assertThat(JsonFiles.read(out().resolve("result.json")).at("/levels/0/rate").doubleValue())
          .isEqualTo(33.33);

      String plan = out().resolve("result.json").toString();
      Cli replay = Cli.run("load", "--worker", worker.address(), "--plan", plan);
      assertThat(replay.exitCode()).as(replay.err()).isZero();
      Files.writeString(
          trace, Files.readString(trace).replace("\"timestamp\": 60", "\"timestamp\": 61"));
      Cli changed = Cli.run("load", "--worker", worker.address(), "--plan", plan);
      assertThat(changed.exitCode()).isEqualTo(2);
      assertThat(changed.error()).contains("use the file of the plan");
    }
  }

  @Test
  void backgroundRequestsAreNotInTheResults() throws IOException {
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      Cli cli =
          load(
              worker,
              "--concurrency",
              "2",
              "--slices",
              "1",
              "--requests",
              "12",
              "--max-new-tokens",
              "3",
              "--pool-chunks",
              "8",
              "--chunks",
              "2",
              "--arms",
              "full_prefill",
              "--background",
              "cacheblend@0.5:1100");

      assertThat(cli.exitCode()).as(cli.err()).isZero();
      JsonNode slice = JsonFiles.lines(out().resolve("slices.jsonl")).get(0);
      int background = slice.get("background_requests").intValue();
      assertThat(background).isPositive();
      assertThat(slice.get("background_seconds").doubleValue()).isPositive();
      assertThat(JsonFiles.lines(out().resolve("requests.jsonl"))).hasSize(12 + 2);
      assertThat(worker.journal().generated()).hasSize(12 + 2 + background);
      assertThat(
              worker.journal().generated().stream()
                  .filter(g -> g.arm().equals("cacheblend"))
                  .map(g -> g.prompt().length()))
          .hasSize(background)
          .containsOnly(1100);
    }
  }

  @Test
  void badOptionsAreNamed() throws IOException {
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      assertBad(worker, "rate auto needs an objective", "--rate", "auto");
      assertBad(worker, "--slices does not apply", "--rate", "auto", "--slices", "2");
      assertBad(worker, "--rounds is of --rate auto", "--rate", "1", "--rounds", "8");
      assertBad(
          worker, "rounds is 2; use 4", "--rate", "auto", "--rounds", "2", "--slo", "ttft=1s");
      assertBad(
          worker, "background is 'full_prefill'", "--rate", "1", "--background", "full_prefill");
      assertBad(worker, "trace nowhere cannot be read", "--trace", "nowhere");
      assertBad(worker, "--trace-speed is of --trace", "--rate", "1", "--trace-speed", "2");
    }
  }

  private void assertBad(MockWorker worker, String message, String... options) {
    Cli cli = load(worker, options);
    assertThat(cli.exitCode()).isEqualTo(2);
    assertThat(cli.error()).contains(message).contains("(see cacheblend load --help)");
    assertThat(out()).doesNotExist();
  }

  private Path out() {
    return folder.resolve("out");
  }

  private Cli load(MockWorker worker, String... options) {
    List<String> arguments = new ArrayList<>(List.of("load", "--worker", worker.address()));
    List<String> given = List.of(options);
    for (int i = 0; i < SMALL.size(); i += 2) {
      boolean applies = !(SMALL.get(i).equals("--suffix-tokens") && given.contains("--trace"));
      if (applies && !given.contains(SMALL.get(i))) {
        arguments.addAll(SMALL.subList(i, i + 2));
      }
    }
    arguments.addAll(given);
    arguments.addAll(List.of("--out", out().toString()));
    return Cli.run(arguments.toArray(String[]::new));
  }
}
