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
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Load runs with the prompts of a data set, and options that do not apply to them. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class MockLoadDatasetIT {
  private static final int SAMPLES = 6;

  @TempDir Path folder;

  @Test
  void allArmsAnswerThePromptsOfTheDataSetInTheSameOrder() throws IOException {
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      Cli cli = load(worker, "--arms", "full_prefill,full_kv_reuse");

      assertThat(cli.exitCode()).as(cli.err()).isZero();
      List<Integer> full = prompts(worker, "full_prefill");
      assertThat(full).hasSize(2 * SAMPLES);
      assertThat(full.subList(0, SAMPLES)).doesNotHaveDuplicates();
      assertThat(full.subList(SAMPLES, 2 * SAMPLES))
          .containsExactlyInAnyOrderElementsOf(full.subList(0, SAMPLES));
      assertThat(prompts(worker, "full_kv_reuse")).isEqualTo(full);

      JsonNode result = JsonFiles.read(out().resolve("result.json"));
      JsonNode plan = result.get("plan");
      assertThat(plan.get("dataset").asText()).isEqualTo("pocketwiki");
      assertThat(plan.get("samples").intValue()).isEqualTo(SAMPLES);
      assertThat(plan.has("chunk_tokens")).isFalse();
      // The second round of the prompts finds all chunks; documents of the first are new.
      assertThat(result.at("/levels/1/hit_rate").doubleValue()).isBetween(0.5, 0.9);
      assertThat(Files.readString(out().resolve("report.html"))).contains("pocketwiki");
    }
  }

  @Test
  void aPlanIsRepeatedWithTheSameData() throws IOException {
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      Cli cli = load(worker, "--arms", "full_prefill", "--chunk-tokens", "16", "--precollect");
      assertThat(cli.exitCode()).as(cli.err()).isZero();
      List<Integer> first = prompts(worker, "full_prefill");
      assertThat(worker.journal().generated().get(0).chunks())
          .hasSizeGreaterThan(2)
          .allMatch(chunk -> chunk.length() <= 16);

      Path plan = out().resolve("plan.json");
      Cli replay = Cli.run("load", "--worker", worker.address(), "--plan", plan.toString());
      assertThat(replay.exitCode()).as(replay.err()).isZero();
      assertThat(prompts(worker, "full_prefill").subList(first.size(), 2 * first.size()))
          .isEqualTo(first);

      Path other = folder.resolve("other.json");
      String sha256 = JsonFiles.read(plan).at("/plan/prompts_sha256").asText();
      Files.writeString(other, Files.readString(plan).replace(sha256, "0123"));
      Cli refused = Cli.run("load", "--worker", worker.address(), "--plan", other.toString());
      assertThat(refused.exitCode()).isEqualTo(2);
      assertThat(refused.error()).contains("prompts_sha256 is 0123, but " + sha256);
    }
  }

  @Test
  void optionsOfAPoolAreRefusedByName() throws IOException {
    Path trace = folder.resolve("trace.jsonl");
    Files.writeString(
        trace,
        "{\"timestamp\": 1, \"input_length\": 5, \"output_length\": 1, \"hash_ids\": [1]}\n");
    List<String> replay = List.of("--trace", trace.toString());
    List<String> data = List.of("--concurrency", "1", "--dataset", "pocketwiki");
    List<String> pool = List.of("--concurrency", "1");

    assertRefused(
        "--pool-chunks, --suffix-tokens do not apply to --trace; leave them out",
        replay,
        "--suffix-tokens",
        "32",
        "--pool-chunks",
        "1000");
    assertRefused("--chunks does not apply to --trace; leave it out", replay, "--chunks", "2");
    assertRefused(
        "--popularity does not apply to --dataset; leave it out", data, "--popularity", "uniform");
    assertRefused("--novel is of a pool of chunks; leave it out", data, "--novel", "9");
    assertRefused("--trace and --dataset exclude each other", replay, "--dataset", "pocketwiki");
    assertRefused("--samples is of --dataset; leave it out", pool, "--samples", "3");
    assertRefused("--samples is of --dataset; leave it out", replay, "--samples", "3");
    assertRefused("chunk-tokens is 0; use 1 or more", data, "--chunk-tokens", "0");
  }

  private static void assertRefused(String message, List<String> load, String... options) {
    List<String> arguments = new ArrayList<>(List.of("load"));
    arguments.addAll(load);
    arguments.addAll(List.of(options));
    Cli cli = Cli.run(arguments.toArray(String[]::new));
    assertThat(cli.exitCode()).as(cli.err()).isEqualTo(2);
    assertThat(cli.error()).contains(message);
  }

  private static List<Integer> prompts(MockWorker worker, String arm) {
    return worker.journal().generated().stream()
        .filter(generated -> generated.arm().equals(arm))
        .map(generated -> generated.prompt().hashCode())
        .toList();
  }

  private Path out() {
    return folder.resolve("out");
  }

  private Cli load(MockWorker worker, String... options) {
    List<String> arguments = new ArrayList<>(List.of("load", "--worker", worker.address()));
    arguments.addAll(
        List.of("--dataset", "pocketwiki", "--samples", "" + SAMPLES, "--concurrency", "1"));
    arguments.addAll(List.of("--requests", "" + 2 * SAMPLES, "--slices", "1", "--warmup", "0"));
    arguments.addAll(List.of("--max-new-tokens", "2", "--out", out().toString()));
    arguments.addAll(List.of(options));
    return Cli.run(arguments.toArray(String[]::new));
  }
}
