package ai.cacheblend.integration;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.integration.Answers.Answer;
import ai.cacheblend.proto.v1.Arm;
import ai.cacheblend.proto.v1.CollectRequest;
import ai.cacheblend.proto.v1.CollectedChunk;
import ai.cacheblend.proto.v1.DemoteRequest;
import ai.cacheblend.proto.v1.DescribeRequest;
import ai.cacheblend.proto.v1.FullKvReuse;
import ai.cacheblend.proto.v1.Segment;
import ai.cacheblend.proto.v1.Tier;
import ai.cacheblend.proto.v1.TierRows;
import ai.cacheblend.proto.v1.TierStatistics;
import ai.cacheblend.proto.v1.TokenIdCodec;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Chunks in host memory and on disk, through worker and orchestrator processes. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TierIT {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  /** Exit status of a run with invalid trials. */
  private static final int INCOMPLETE = 5;

  private static final List<Segment> SEGMENTS =
      List.of(segment(10, 90, true), segment(300, 60, true), segment(40, 8, false));
  private static final Arm REUSE =
      Arm.newBuilder().setFullKvReuse(FullKvReuse.getDefaultInstance()).build();

  @TempDir private static Path folder;
  private Path model;

  @BeforeAll
  void export() {
    model = folder.resolve("pocket");
    Program.Outcome export =
        Program.run(
            Program.Main.WORKER,
            "export",
            "--checkpoint",
            Program.embeddedModel().toString(),
            "--out",
            model.toString());
    assertThat(export.exitCode()).as(export.err()).isZero();
  }

  @Test
  void trialsLoadTheirChunksFromTheTier() throws IOException {
    try (RealWorker worker = serve("trials")) {
      for (String tier : List.of("host", "disk")) {
        Path out = folder.resolve("ttft-" + tier);
        Cli run =
            ttft(
                worker,
                out,
                "full_prefill,full_kv_reuse,cacheblend@0.15,query-attn@0.15",
                "--tier",
                tier,
                "--throttle",
                "10GB/s");
        assertThat(run.exitCode()).as(run.err()).isIn(0, INCOMPLETE);
        for (JsonNode row : answered(out)) {
          JsonNode rows = row.path("tier_rows");
          if (row.get("arm").asText().equals("full_prefill")) {
            assertThat(rows.isMissingNode()).isTrue();
          } else {
            assertThat(rows.size()).isEqualTo(1);
            assertThat(rows.get(tier).asInt()).isEqualTo(row.get("collect").get("tokens").asInt());
          }
        }
      }
    }
  }

  @Test
  void sweepMeasuresEveryTierAndResumesInsideOne() throws IOException {
    Path out = folder.resolve("sweep");
    Map<String, String> tiers =
        Map.of(
            "chunks-100-host", "host",
            "chunks-100-host-50MB-s", "host",
            "chunks-100-disk", "disk",
            "chunks-100-disk-50MB-s", "disk");
    try (RealWorker worker = serve("sweep", "--tier-kv", "int8")) {
      Cli run = sweep(worker, out, "--overwrite");
      assertThat(run.exitCode()).as(run.err()).isIn(0, INCOMPLETE);
      JsonNode result = MAPPER.readTree(out.resolve("result.json").toFile());
      assertThat(result.get("parts"))
          .hasSize(1 + 4 + 2)
          .extracting(JsonNode::asText)
          .endsWith("pocketwiki-chunks-100", "pocketwiki-chunks-100-host");
      assertThat(result.get("points")).hasSize(3);
      assertThat(run.out()).contains("With chunks from host, rounded by --tier-kv int8:\nQuality");
      for (Map.Entry<String, String> tier : tiers.entrySet()) {
        for (JsonNode row : answered(out.resolve(tier.getKey()))) {
          assertThat(row.get("arm").asText()).isIn("full_kv_reuse", "cacheblend@0.15");
          assertThat(row.get("tier_rows").size()).isEqualTo(1);
          assertThat(row.get("tier_rows").get(tier.getValue()).asInt()).isEqualTo(200);
        }
      }
      assertThat(result.get("tiers"))
          .filteredOn(point -> point.path("throttle").asLong() == 50_000_000)
          .extracting(point -> point.get("tier").asText() + " " + point.get("arm").asText())
          .contains("host full_kv_reuse", "disk cacheblend@0.15");
      assertThat(run.out()).contains("TTFT by tier, 2 x 100 tokens", "disk@50MB/s");

      Cli compared = Cli.run("compare", out.toString(), out.toString());
      assertThat(compared.exitCode()).as(compared.err()).isZero();
      assertThat(compared.out()).contains("quality from host", "ttft from disk@50MB/s");

      Path lost = out.resolve("chunks-100-host-50MB-s/trials.jsonl");
      Path kept = out.resolve("chunks-100-host/trials.jsonl");
      String before = Files.readString(kept);
      Files.writeString(lost, Files.readAllLines(lost).get(0) + "\n");
      Cli resumed = sweep(worker, out, "--resume");
      assertThat(resumed.exitCode()).as(resumed.err()).isIn(0, INCOMPLETE);
      assertThat(answered(out.resolve("chunks-100-host-50MB-s"))).hasSizeGreaterThan(1);
      assertThat(Files.readString(kept)).startsWith(before);
      Cli other = sweep(worker, out, "--resume", "--seed", "9");
      assertThat(other.error()).contains("the folder contains another run");
    }
  }

  private static Cli sweep(RealWorker worker, Path out, String... options) {
    List<String> arguments = new ArrayList<>(List.of("sweep", "--worker", worker.address()));
    arguments.addAll(List.of("--tiers", "device,host,disk", "--throttle", "50MB/s"));
    arguments.addAll(List.of("--selectors", "value", "--ratios", "0.15", "--chunk-tokens", "100"));
    arguments.addAll(List.of("--chunk-counts", "2", "--trials", "2", "--warmup", "1"));
    arguments.addAll(List.of("--dataset", "pocketwiki", "--samples", "2"));
    arguments.addAll(List.of(options));
    arguments.addAll(List.of("--out", out.toString()));
    return Cli.run(arguments.toArray(String[]::new));
  }

  /** Loading takes more than a second, and computing the rows less. */
  @Test
  void slowChunksAreComputedAndVerified() throws IOException {
    Path out = folder.resolve("ttft-auto");
    try (RealWorker worker = serve("auto")) {
      Cli run =
          ttft(
              worker,
              out,
              "full_prefill,full_kv_reuse,cacheblend@0.15,cacheblend@auto",
              "--tier",
              "host",
              "--throttle",
              "2MB/s",
              "--tier-policy",
              "auto");
      assertThat(run.exitCode()).as(run.err()).isIn(0, INCOMPLETE);
      assertThat(run.out()).contains("Loads of chunks");
    }
    int computed = 0;
    for (JsonNode row : answered(out)) {
      computed += row.at("/load/recomputed_segments").size();
      if (row.get("phase").asText().equals("measured")) {
        assertThat(row.at("/load/predicted_worker_ttft_seconds").isNumber()).as("%s", row).isTrue();
      }
    }
    assertThat(computed).isPositive();
  }

  private static Cli ttft(RealWorker worker, Path out, String arms, String... options) {
    List<String> arguments = new ArrayList<>(List.of("ttft", "--worker", worker.address()));
    arguments.addAll(List.of("--lengths", "300", "--trials", "2", "--warmup", "1"));
    arguments.addAll(List.of("--chunk-tokens", "100", "--max-new-tokens", "1", "--arms", arms));
    arguments.addAll(List.of(options));
    arguments.addAll(List.of("--out", out.toString()));
    return Cli.run(arguments.toArray(String[]::new));
  }

  /** The trials, without those that a busy machine has delayed in the worker's queue. */
  private static List<JsonNode> answered(Path out) throws IOException {
    List<JsonNode> answered = new ArrayList<>();
    for (String line : Files.readAllLines(out.resolve("trials.jsonl"))) {
      JsonNode row = MAPPER.readTree(line);
      String problem = row.get("problem").asText("");
      if (problem.isEmpty()) {
        answered.add(row);
      } else {
        assertThat(problem).contains("in the worker's queue").doesNotContain(";");
      }
    }
    assertThat(answered).isNotEmpty();
    return answered;
  }

  @Test
  void samplesLoadTheirEightBitChunksFromTheTier() throws IOException {
    Path out = folder.resolve("quality");
    try (RealWorker worker = serve("samples", "--tier-kv", "fp8")) {
      Cli run =
          Cli.run(
              "quality",
              "--worker",
              worker.address(),
              "--samples",
              "2",
              "--arms",
              "full_prefill,full_kv_reuse",
              "--tier",
              "disk",
              "--out",
              out.toString());
      assertThat(run.exitCode()).as(run.err()).isZero();
      TierStatistics disk =
          worker.calls().describe(DescribeRequest.getDefaultInstance()).getTiers(1);
      assertThat(disk.getHitCount()).isPositive();
    }
    JsonNode plan = MAPPER.readTree(out.resolve("plan.json").toFile());
    assertThat(plan.at("/plan/tier").asText()).isEqualTo("disk");
    assertThat(plan.at("/environment/workers/0/launch_options"))
        .extracting(JsonNode::asText)
        .contains("--tier-kv=fp8");
    for (String line : Files.readAllLines(out.resolve("samples.jsonl"))) {
      assertThat(MAPPER.readTree(line).get("problem").isNull()).as(line).isTrue();
    }
  }

  @Test
  void gateTestsAnswersWithEightBitChunksOfTheTier() throws IOException {
    Path out = folder.resolve("gate");
    try (RealWorker worker = serve("gate", "--tier-kv", "fp8")) {
      Cli run =
          Cli.run(
              "gate",
              "--worker",
              worker.address(),
              "--max-samples",
              "3",
              "--margin",
              "0.5",
              "--tier",
              "host",
              "--out",
              out.toString());
      assertThat(run.exitCode()).as(run.err()).isIn(0, 3);
      assertThat(
              worker
                  .calls()
                  .describe(DescribeRequest.getDefaultInstance())
                  .getTiers(0)
                  .getHitCount())
          .isPositive();
    }
    assertThat(MAPPER.readTree(out.resolve("plan.json").toFile()).at("/plan/tier").asText())
        .isEqualTo("host");
    for (String line : Files.readAllLines(out.resolve("samples.jsonl"))) {
      assertThat(MAPPER.readTree(line).get("problem").isNull()).as(line).isTrue();
    }
  }

  @Test
  void nextWorkerAnswersWithChunksOfTheDisk() {
    Answer before;
    try (RealWorker worker = serve("shared")) {
      before = Answers.collectAndGenerate(worker.calls(), SEGMENTS, REUSE, 8);
      assertThat(before.finished().getTierRowsList()).containsExactly(rows(Tier.TIER_DEVICE));
      List<String> keys =
          worker
              .calls()
              .collect(CollectRequest.newBuilder().addAllChunks(SEGMENTS.subList(0, 2)).build())
              .getChunksList()
              .stream()
              .map(CollectedChunk::getKey)
              .toList();
      for (Tier tier : List.of(Tier.TIER_HOST, Tier.TIER_DISK)) {
        var unused =
            worker
                .calls()
                .demote(DemoteRequest.newBuilder().addAllKeys(keys).setTier(tier).build());
        Answer answer = Answers.generate(worker.calls(), Answers.request(SEGMENTS, REUSE, 8));
        assertThat(answer.finished().getTierRowsList()).containsExactly(rows(tier));
        assertThat(answer.tokenIds()).isEqualTo(before.tokenIds());
        assertThat(answer.logprobs()).isEqualTo(before.logprobs());
      }
    }
    try (RealWorker worker = serve("shared")) {
      TierStatistics disk =
          worker.calls().describe(DescribeRequest.getDefaultInstance()).getTiers(1);
      assertThat(disk.getTier()).isEqualTo(Tier.TIER_DISK);
      assertThat(disk.getChunkCount()).isEqualTo(2);

      Answer answer = Answers.collectAndGenerate(worker.calls(), SEGMENTS, REUSE, 8);

      assertThat(answer.finished().getTierRowsList()).containsExactly(rows(Tier.TIER_DISK));
      assertThat(answer.tokenIds()).isEqualTo(before.tokenIds());
      assertThat(
              worker
                  .calls()
                  .describe(DescribeRequest.getDefaultInstance())
                  .getChunks()
                  .getComputedCount())
          .isZero();
    }
  }

  /** {@code generate} with the ratio of the worker: the second prompt has its chunks on disk. */
  @Test
  void generateReportsHowItsChunksCameToTheDevice() throws IOException {
    Path request = folder.resolve("request.json");
    Files.writeString(
        request,
        """
        {"segments": [{"text": "The lighthouse keeper counted the ships of the day.", "cache": true},
                      {"text": "Seven of them carried grain.", "cache": true},
                      {"text": "How many ships?"}],
         "method": "cacheblend", "recompute_ratio": 0.2, "ratio": "auto", "max_tokens": 4}
        """);
    try (RealWorker worker = serve("generate")) {
      JsonNode computed = generate(worker, request);
      assertThat(computed.at("/load/load_seconds").asDouble()).isZero();
      assertThat(computed.at("/load/recompute_ratio").asDouble()).isEqualTo(.2);
      assertThat(computed.at("/tier_rows/device").asInt()).isPositive();

      DemoteRequest.Builder demoted = DemoteRequest.newBuilder().setTier(Tier.TIER_DISK);
      computed.get("collected").forEach(chunk -> demoted.addKeys(chunk.get("key").asText()));
      var unused = worker.calls().demote(demoted.build());
      JsonNode loaded = generate(worker, request);

      assertThat(loaded.at("/tier_rows/disk")).isEqualTo(computed.at("/tier_rows/device"));
      JsonNode load = loaded.get("load");
      assertThat(load.get("recomputed_segments")).isEmpty();
      assertThat(load.get("load_seconds").asDouble()).isPositive();
      assertThat(load.get("hidden_share").asDouble()).isBetween(0., 1.);
      assertThat(load.get("recompute_ratio").asDouble()).isBetween(.2, 1.);
      assertThat(loaded.get("token_ids")).isEqualTo(computed.get("token_ids"));
    }
  }

  private static JsonNode generate(RealWorker worker, Path request) throws IOException {
    Cli run = Cli.run("generate", "--worker", worker.address(), "--request", request.toString());
    assertThat(run.exitCode()).as(run.err()).isZero();
    return MAPPER.readTree(run.out());
  }

  private RealWorker serve(String name, String... options) {
    List<String> all = new ArrayList<>(List.of("--threads", "1", "--host-memory", "128m"));
    all.addAll(List.of("--disk", folder.resolve(name).toString(), "--disk-size", "256m"));
    all.addAll(List.of(options));
    return RealWorker.serve(model, all.toArray(String[]::new));
  }

  private static TierRows rows(Tier tier) {
    return TierRows.newBuilder().setTier(tier).setTokenCount(150).build();
  }

  private static Segment segment(int firstId, int count, boolean cached) {
    return Segment.newBuilder()
        .setTokenIds(TokenIdCodec.encode(IntStream.range(firstId, firstId + count).toArray()))
        .setCached(cached)
        .build();
  }
}
