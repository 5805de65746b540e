package ai.cacheblend.integration;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.mock.Delays;
import ai.cacheblend.mock.MockScript;
import ai.cacheblend.mock.MockWorker;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills the orchestrator (SIGKILL) at random moments and resumes the run: it has the same blocks as
 * an undisturbed run, each once.
 */
final class KilledRunIT {
  private static final int ARM_COUNT = 3;

  /** Maximum number of answers between the start of a session and its kill. */
  private static final int MAX_SESSION_ANSWERS = 18;

  @TempDir Path folder;

  @Test
  void ttft() throws IOException, InterruptedException {
    List<String> options =
        List.of("ttft", "--lengths", "64,100", "--trials", "24", "--warmup", "1");

    try (MockWorker worker = worker()) {
      int kills = killAndFinish(worker, options, "trials.jsonl", 7, 1);
      assertThat(kills).isEqualTo(7);
    }
    Map<Integer, String> blocks = new TreeMap<>();
    List<JsonNode> rows = rows("killed", "trials.jsonl");
    rows.stream()
        .map(row -> row.get("session").intValue())
        .max(Integer::compare)
        .ifPresent(last -> assertThat(last).isEqualTo(7));
    rows.removeIf(row -> row.get("phase").asText().equals("warmup"));
    rows.forEach(
        row -> blocks.merge(row.get("block").intValue(), line(row), (a, b) -> a + " " + b));
    assertThat(blocks).isEqualTo(undisturbed(options, "trials.jsonl"));
    assertThat(rows).hasSize(48 * ARM_COUNT);
    assertThat(JsonFiles.read(folder.resolve("killed/result.json")).at("/rows/1/n").intValue())
        .isEqualTo(24);
  }

  @Test
  void quality() throws IOException, InterruptedException {
    List<String> options = List.of("quality", "--dataset", "pocketwiki", "--samples", "40");

    try (MockWorker worker = worker()) {
      killAndFinish(worker, options, "samples.jsonl", 3, 2);
    }
    Map<Integer, String> blocks = new TreeMap<>();
    List<JsonNode> rows = rows("killed", "samples.jsonl");
    rows.forEach(row -> blocks.put(row.get("block").intValue(), sample(row)));
    assertThat(rows).hasSize(40);
    assertThat(blocks).isEqualTo(undisturbed(options, "samples.jsonl"));
  }

  /** Runs it with {@code kills} kills, then to completion; returns how many kills hit it. */
  private int killAndFinish(
      MockWorker worker, List<String> options, String file, int kills, long seed)
      throws IOException, InterruptedException {
    Random random = new Random(seed);
    int killed = 0;
    for (int session = 0; session <= kills; session++) {
      List<String> arguments = new ArrayList<>(options);
      arguments.addAll(List.of("-q", "--worker", worker.address()));
      arguments.addAll(List.of("--out", folder.resolve("killed").toString()));
      if (session > 0) {
        arguments.add("--resume");
      }
      Path log = folder.resolve("log-" + session);
      Process process =
          Program.builder(Program.Main.ORCHESTRATOR, arguments.toArray(String[]::new))
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      if (session < kills) {
        awaitAnswers(worker, process, 1 + random.nextInt(MAX_SESSION_ANSWERS));
        // Spreads the kills over the writes that follow an answer.
        TimeUnit.MICROSECONDS.sleep(random.nextInt(8_000));
        killed += process.isAlive() ? 1 : 0;
        process.destroyForcibly().waitFor();
        // A killed run cannot release its lease.
        worker.endLeases();
      } else {
        assertThat(process.waitFor(Program.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(log)).isZero();
        assertThat(Files.readString(log)).contains("complete blocks kept");
      }
      assertThat(folder.resolve("killed").resolve(file)).exists();
    }
    return killed;
  }

  @Test
  void interruptedRunReleasesItsLease() throws IOException, InterruptedException {
    try (MockWorker worker = worker()) {
      Process process =
          Program.builder(
                  Program.Main.ORCHESTRATOR,
                  "ttft",
                  "--worker",
                  worker.address(),
                  "--lengths",
                  "64",
                  "--trials",
                  "200")
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("log").toFile())
              .start();
      awaitAnswers(worker, process, 1);
      assertThat(worker.leaseHolders()).hasSize(1);
      process.destroy();

      assertThat(process.waitFor(Program.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
      assertThat(worker.leaseHolders()).isEmpty();
    }
  }

  private static void awaitAnswers(MockWorker worker, Process process, int count) {
    CompletableFuture.anyOf(worker.journal().whenGenerated(count), process.onExit()).join();
  }

  /** The blocks of a run without kills. */
  private Map<Integer, String> undisturbed(List<String> options, String file) throws IOException {
    try (MockWorker worker = worker()) {
      List<String> arguments = new ArrayList<>(options);
      arguments.addAll(List.of("--worker", worker.address()));
      arguments.addAll(List.of("--out", folder.resolve("whole").toString()));
      Cli cli = Cli.run(arguments.toArray(String[]::new));
      assertThat(cli.exitCode()).as(cli.err()).isZero();
    }
    Map<Integer, String> blocks = new TreeMap<>();
    for (JsonNode row : rows("whole", file)) {
      if (file.equals("samples.jsonl")) {
        blocks.put(row.get("block").intValue(), sample(row));
      } else if (row.get("phase").asText().equals("measured")) {
        blocks.merge(row.get("block").intValue(), line(row), (a, b) -> a + " " + b);
      }
    }
    return blocks;
  }

  private List<JsonNode> rows(String run, String file) throws IOException {
    return JsonFiles.lines(folder.resolve(run).resolve(file));
  }

  /** The fields of a row that do not depend on time. */
  private static String line(JsonNode row) {
    return row.get("arm").asText()
        + row.get("order")
        + row.get("prompt_hash")
        + row.get("token_ids")
        + row.get("valid");
  }

  private static String sample(JsonNode row) {
    StringBuilder text = new StringBuilder(row.get("id").asText() + row.get("prompt_hash"));
    for (Map.Entry<String, JsonNode> answer : row.get("answers").properties()) {
      text.append(answer.getKey())
          .append(answer.getValue().get("order"))
          .append(answer.getValue().get("token_ids"));
    }
    return text.append(row.get("valid")).toString();
  }

  private static MockWorker worker() throws IOException {
    return MockWorker.start(
        MockScript.sound().withDelays(Delays.prefill((arm, tokens) -> Duration.ofMillis(2))));
  }
}
