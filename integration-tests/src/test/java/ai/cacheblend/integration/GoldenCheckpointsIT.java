package ai.cacheblend.integration;

import static ai.cacheblend.integration.Golden.integers;
import static ai.cacheblend.integration.GoldenAssertions.LOGPROB_ERROR;
import static ai.cacheblend.integration.GoldenAssertions.SCORE_ERROR_RELATIVE;
import static ai.cacheblend.integration.GoldenAssertions.assertBlend;
import static ai.cacheblend.integration.GoldenAssertions.assertTokens;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.cacheblend.integration.Answers.Answer;
import ai.cacheblend.proto.v1.Arm;
import ai.cacheblend.proto.v1.AttentionScores;
import ai.cacheblend.proto.v1.CacheBlend;
import ai.cacheblend.proto.v1.CheckRequest;
import ai.cacheblend.proto.v1.CheckStep;
import ai.cacheblend.proto.v1.DeviationSelector;
import ai.cacheblend.proto.v1.FullKvReuse;
import ai.cacheblend.proto.v1.FullPrefill;
import ai.cacheblend.proto.v1.PrefixCaching;
import ai.cacheblend.proto.v1.ResetRequest;
import ai.cacheblend.proto.v1.Segment;
import ai.cacheblend.proto.v1.Tier;
import ai.cacheblend.proto.v1.TokenIdCodec;
import ai.cacheblend.proto.v1.TokenValue;
import ai.cacheblend.proto.v1.TokenizeRequest;
import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.primitives.Ints;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Export, worker and gRPC agree with transformers and with the reference implementation. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class GoldenCheckpointsIT {
  private static final int NEIGHBOURS = 12;

  @TempDir private static Path models;
  private final Map<String, RealWorker> workers = new HashMap<>();
  private Optional<StoreServer> store = Optional.empty();

  @BeforeAll
  void serveAll() throws IOException {
    store = StoreServer.start(models);
    for (String name : Golden.NAMES) {
      Path model = models.resolve(name);
      Program.Outcome export =
          Program.run(
              Program.Main.WORKER,
              "export",
              "--checkpoint",
              Golden.folder(name).toString(),
              "--out",
              model.toString(),
              "--check-layers",
              "1,2,3");
      assertThat(export.exitCode()).as(export.err()).isZero();
      workers.put(name, serve(model));
    }
  }

  /** With tiers below the device that are empty until a chunk is demoted. */
  private RealWorker serve(Path model) {
    List<String> options = new ArrayList<>(List.of("--threads", "1", "--host-memory", "16m"));
    options.addAll(List.of("--disk", models.resolve("chunks").toString(), "--disk-size", "64m"));
    options.addAll(List.of("--tier-write", "back"));
    store.ifPresent(server -> options.addAll(List.of("--store", server.uri())));
    return RealWorker.serve(model, options.toArray(String[]::new));
  }

  @AfterAll
  void stopAll() {
    workers.values().forEach(RealWorker::close);
    store.ifPresent(StoreServer::close);
  }

  @TestFactory
  Stream<DynamicTest> greedyTokensOfTransformers() {
    return runs(this::assertGreedyRun);
  }

  /** With cached chunks of which every row is recomputed, a blend is a full prefill. */
  @TestFactory
  Stream<DynamicTest> blendsOfAllRowsAreThePrefillOfTransformers() {
    return longRuns(this::assertBlendOfAllRows);
  }

  /**
   * A chunk behind the BOS token has the KV of a prefill, with keys that were stored before
   * rotation and are rotated again.
   */
  @TestFactory
  Stream<DynamicTest> reuseOfTheFirstChunkIsThePrefillOfTransformers() {
    return longRuns(this::assertReuseOfTheFirstChunk);
  }

  @TestFactory
  Stream<DynamicTest> tokenIdsOfTransformers() {
    return cases(
        Golden.WITH_TEXTS,
        name -> Golden.read(name, "reference.json").get("tokenize"),
        this::assertTokenized);
  }

  @TestFactory
  Stream<DynamicTest> rowsAndTokensOfEverySelector() {
    return cases(Golden.NAMES, name -> Golden.read(name, "selectors.json"), this::assertSelector);
  }

  @TestFactory
  Stream<DynamicTest> rowsAndTokensOfTheBlendReference() {
    return cases(
        Golden.NAMES, name -> Golden.read(name, "blend.json"), GoldenAssertions::assertBlend);
  }

  @TestFactory
  Stream<DynamicTest> rowsAndTokensOfChunksInHostMemory() {
    return casesFrom(Tier.TIER_HOST);
  }

  @TestFactory
  Stream<DynamicTest> rowsAndTokensOfChunksOnDisk() {
    return casesFrom(Tier.TIER_DISK);
  }

  @TestFactory
  Stream<DynamicTest> rowsAndTokensOfChunksInTheStore() {
    assumeTrue(store.isPresent(), "redis-server is not installed; run ./cacheblend setup");
    return casesFrom(Tier.TIER_STORE);
  }

  private Stream<DynamicTest> casesFrom(Tier tier) {
    return Golden.NAMES.stream()
        .map(
            name ->
                DynamicTest.dynamicTest(
                    name, () -> GoldenTiers.assertCases(workers.get(name), name, tier)));
  }

  @TestFactory
  Stream<DynamicTest> rowsAndTokensBesideOtherRequests() {
    return Golden.NAMES.stream()
        .map(name -> DynamicTest.dynamicTest(name, () -> assertBesideOthers(name)));
  }

  /** Every case in random order, several at a time, beside calls whose deadline passes. */
  private void assertBesideOthers(String name) throws InterruptedException, ExecutionException {
    RealWorker worker = workers.get(name);
    List<JsonNode> cases = new ArrayList<>();
    Golden.read(name, "selectors.json").forEach(cases::add);
    Golden.read(name, "blend.json").forEach(cases::add);
    Collections.shuffle(cases, new Random(14));
    ExecutorService threads = Executors.newFixedThreadPool(NEIGHBOURS);
    try {
      List<Future<?>> ends = new ArrayList<>();
      for (JsonNode blendCase : cases) {
        ends.add(threads.submit(() -> assertBlend(worker, blendCase)));
        ends.add(threads.submit(() -> callWithShortDeadline(worker, blendCase)));
      }
      for (Future<?> end : ends) {
        end.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static void callWithShortDeadline(RealWorker worker, JsonNode blendCase) {
    JsonNode request = blendCase.get("request");
    try {
      Answer unused =
          Answers.collectAndGenerate(
              worker.calls().withDeadlineAfter(10, TimeUnit.MILLISECONDS),
              Golden.segments(request),
              Golden.arm(request),
              request.get("max_tokens").asInt());
    } catch (StatusRuntimeException e) {
      assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    }
  }

  @TestFactory
  Stream<DynamicTest> prefixCachingGivesTheTokensOfFullPrefill() {
    return Golden.NAMES.stream()
        .flatMap(
            name ->
                IntStream.of(0, 30, 63, 64, 65, 130)
                    .mapToObj(
                        shared ->
                            DynamicTest.dynamicTest(
                                name + ", " + shared + " shared tokens",
                                () -> assertPrefixCaching(name, shared))));
  }

  /**
   * Every prompt of a full prefill, after one that differs from the given position on, and again.
   */
  private void assertPrefixCaching(String name, int shared) {
    RealWorker worker = workers.get(name);
    for (JsonNode blendCase : Golden.read(name, "blend.json")) {
      JsonNode request = blendCase.get("request");
      if (!request.get("method").asText().equals("full_prefill")) {
        continue;
      }
      JsonNode result = blendCase.get("result");
      List<Integer> ids = new ArrayList<>();
      request.get("segments").forEach(s -> ids.addAll(integers(s.get("token_ids"))));
      List<Integer> other = new ArrayList<>(ids);
      for (int i = shared; i < ids.size(); i++) {
        other.set(i, ids.get(i) == 5 ? 6 : 5);
      }
      var unused = worker.calls().reset(ResetRequest.getDefaultInstance());
      List<Integer> reused = new ArrayList<>();
      for (List<Integer> prompt : List.of(other, ids, ids)) {
        Segment segment =
            Segment.newBuilder().setTokenIds(TokenIdCodec.encode(Ints.toArray(prompt))).build();
        Answer answer =
            Answers.generate(
                worker.calls(),
                Answers.request(
                    List.of(segment),
                    Arm.newBuilder().setPrefixCaching(PrefixCaching.getDefaultInstance()).build(),
                    request.get("max_tokens").asInt()));
        reused.add(answer.finished().getRows().getReusedTokenCount());
        if (prompt == ids) {
          assertTokens(answer, result.get("token_ids"), result.get("logprobs"));
        }
      }
      assertThat(reused)
          .containsExactly(
              0, Math.min(shared, ids.size() - 1) / 64 * 64, (ids.size() - 1) / 64 * 64);
    }
  }

  private interface Check {
    void that(RealWorker worker, JsonNode expected);
  }

  /** Runs of transformers. */
  private Stream<DynamicTest> runs(Check check) {
    return cases(
        Golden.WITH_TRANSFORMERS_RUNS,
        name -> Golden.read(name, "reference.json").get("runs"),
        check);
  }

  /** Those whose prompts have room for chunks. */
  private Stream<DynamicTest> longRuns(Check check) {
    return runs(
        (worker, run) -> {
          if (run.get("prompt_token_ids").size() > 16) {
            check.that(worker, run);
          }
        });
  }

  private Stream<DynamicTest> cases(
      List<String> names, Function<String, JsonNode> lists, Check check) {
    return names.stream().flatMap(name -> cases(name, lists.apply(name), check));
  }

  private Stream<DynamicTest> cases(String name, JsonNode list, Check check) {
    return IntStream.range(0, list.size())
        .mapToObj(
            i ->
                DynamicTest.dynamicTest(
                    name + " " + i, () -> check.that(workers.get(name), list.get(i))));
  }

  private void assertGreedyRun(RealWorker worker, JsonNode run) {
    Arm arm = Arm.newBuilder().setFullPrefill(FullPrefill.getDefaultInstance()).build();
    Segment prompt =
        Segment.newBuilder().setTokenIds(Golden.ids(run.get("prompt_token_ids"))).build();
    int count = run.get("greedy_token_ids").size();
    Answer answer = Answers.generate(worker.calls(), Answers.request(List.of(prompt), arm, count));
    assertTokens(answer, run.get("greedy_token_ids"), run.get("greedy_logprobs"));
    for (TokenValue logit : answer.finished().getFirstTopLogitsList()) {
      assertThat(logit.getValue())
          .isCloseTo(
              run.get("last_logits").get(logit.getTokenId()).asDouble(), within(LOGPROB_ERROR));
    }
  }

  private void assertBlendOfAllRows(RealWorker worker, JsonNode run) {
    int[] ids = promptIds(run);
    int third = ids.length / 3;
    Arm arm =
        Arm.newBuilder()
            .setCacheblend(
                CacheBlend.newBuilder()
                    .setDeviation(
                        DeviationSelector.newBuilder()
                            .setTensor(DeviationSelector.Tensor.TENSOR_VALUE)
                            .addSchedule(CheckStep.newBuilder().setLayer(1).setShare(1))))
            .build();
    assertAnswers(
        worker,
        run,
        arm,
        List.of(
            segment(ids, 0, 1, false),
            segment(ids, 1, third, true),
            segment(ids, third, 2 * third, true),
            segment(ids, 2 * third, ids.length, false)));
  }

  private void assertReuseOfTheFirstChunk(RealWorker worker, JsonNode run) {
    int[] ids = promptIds(run);
    Arm arm = Arm.newBuilder().setFullKvReuse(FullKvReuse.getDefaultInstance()).build();
    assertAnswers(
        worker,
        run,
        arm,
        List.of(
            segment(ids, 0, 1, false),
            segment(ids, 1, 2 * ids.length / 3, true),
            segment(ids, 2 * ids.length / 3, ids.length, false)));
  }

  private static void assertAnswers(
      RealWorker worker, JsonNode run, Arm arm, List<Segment> segments) {
    Answer answer =
        Answers.collectAndGenerate(
            worker.calls(), segments, arm, run.get("greedy_token_ids").size());
    assertTokens(answer, run.get("greedy_token_ids"), run.get("greedy_logprobs"));
  }

  private static int[] promptIds(JsonNode run) {
    return Ints.toArray(integers(run.get("prompt_token_ids")));
  }

  private static Segment segment(int[] ids, int from, int to, boolean cached) {
    return Segment.newBuilder()
        .setTokenIds(TokenIdCodec.encode(Arrays.copyOfRange(ids, from, to)))
        .setCached(cached)
        .build();
  }

  private void assertTokenized(RealWorker worker, JsonNode expected) {
    TokenizeRequest.Builder request =
        TokenizeRequest.newBuilder().addTexts(expected.get("text").asText());
    assertThat(worker.calls().tokenize(request.build()).getTokenIds(0))
        .isEqualTo(Golden.ids(expected.get("ids")));
    assertThat(worker.calls().tokenize(request.setAddSpecialTokens(true).build()).getTokenIds(0))
        .isEqualTo(Golden.ids(expected.get("ids_with_bos")));
  }

  private void assertSelector(RealWorker worker, JsonNode selectorCase) {
    assertBlend(worker, selectorCase);
    JsonNode request = selectorCase.get("request");
    JsonNode masses = selectorCase.get("result").path("attention_mass");
    AttentionScores attention =
        worker
            .calls()
            .check(
                CheckRequest.newBuilder()
                    .addAllSegments(Golden.segments(request))
                    .setArm(Golden.arm(request))
                    .build())
            .getAttention();
    assertThat(attention.getPositionsCount() > 0).isEqualTo(!masses.isMissingNode());
    for (int i = 0; i < attention.getPositionsCount(); i++) {
      double mass = masses.get(attention.getPositions(i)).asDouble();
      assertThat((double) attention.getScores(i))
          .isCloseTo(mass, within(1e-9 + SCORE_ERROR_RELATIVE * mass));
    }
  }
}
