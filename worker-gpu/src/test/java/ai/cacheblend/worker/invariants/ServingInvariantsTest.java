package ai.cacheblend.worker.invariants;

import static ai.cacheblend.worker.invariants.Arms.FULL_KV_REUSE;
import static ai.cacheblend.worker.invariants.Arms.FULL_PREFILL;
import static ai.cacheblend.worker.invariants.Prompts.A;
import static ai.cacheblend.worker.invariants.Prompts.B;
import static ai.cacheblend.worker.invariants.Prompts.C;
import static ai.cacheblend.worker.invariants.Prompts.FOUR_CHUNKS;
import static ai.cacheblend.worker.invariants.Prompts.HEAD;
import static ai.cacheblend.worker.invariants.Prompts.QUESTION;
import static ai.cacheblend.worker.invariants.Prompts.cached;
import static ai.cacheblend.worker.invariants.Prompts.plain;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.cacheblend.worker.blend.Arm;
import ai.cacheblend.worker.blend.Selector.Tensor;
import ai.cacheblend.worker.engine.CollectResult;
import ai.cacheblend.worker.engine.Engine;
import ai.cacheblend.worker.engine.GenerateResult;
import ai.cacheblend.worker.engine.Interruption;
import ai.cacheblend.worker.engine.Prompt;
import ai.cacheblend.worker.engine.Ticket;
import ai.cacheblend.worker.invariants.PackedStep.Request;
import ai.cacheblend.worker.invariants.ProbedRunner.Probe;
import ai.cacheblend.worker.invariants.TestWorker.Run;
import ai.cacheblend.worker.kv.KvPoolStatistics;
import ai.cacheblend.worker.model.LayerScores;
import ai.cacheblend.worker.model.SequenceResult;
import ai.onnxruntime.OrtException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The result of a request does not depend on other requests. */
@ParameterizedClass
@EnumSource(SmallModel.class)
class ServingInvariantsTest {
  private static final Prompt OTHER_ORDER =
      Prompts.of(plain(HEAD), cached(C), cached(A), plain(QUESTION), cached(B), plain(QUESTION));

  private final SmallModel model;
  private final TestWorker worker;

  ServingInvariantsTest(SmallModel model) {
    this.model = model;
    this.worker = new TestWorker(model);
  }

  @AfterEach
  void close() {
    worker.close();
  }

  @Test
  void interruptedStepDoesNotAffectTheNext() throws InterruptedException {
    List<Integer> tokens = worker.run(FOUR_CHUNKS, FULL_PREFILL, 3).tokens();
    AtomicBoolean interrupting = new AtomicBoolean(true);
    Thread interrupter =
        new Thread(
            () -> {
              while (interrupting.get()) {
                model.session().interrupt();
              }
            });
    interrupter.start();
    try {
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 1000; i++) {
                  worker.run(FOUR_CHUNKS, FULL_PREFILL);
                }
              })
          .hasRootCauseInstanceOf(OrtException.class);
    } finally {
      interrupting.set(false);
      interrupter.join();
    }

    assertThat(worker.run(FOUR_CHUNKS, FULL_PREFILL, 3).tokens()).isEqualTo(tokens);
  }

  @Test
  @DisplayName("S1: sequences packed into one step give the result of each alone")
  void prefillBlendAndDecodeShareAStep() {
    worker.collect(FOUR_CHUNKS);
    worker.collect(OTHER_ORDER);
    // Shares are below the share of rows that deviate at all, with a window too. Among the other
    // rows, rounding errors would decide, and these depend on the row count of a GEMM on a GPU.
    List<Request> requests =
        List.of(
            new Request(FOUR_CHUNKS, Arms.byValue(0.15)),
            new Request(FOUR_CHUNKS, FULL_PREFILL, true),
            new Request(OTHER_ORDER, FULL_PREFILL),
            new Request(OTHER_ORDER, Arms.gradual(0.4, 0.3, 0.1)),
            new Request(FOUR_CHUNKS, FULL_KV_REUSE),
            new Request(FOUR_CHUNKS, Arms.byKey(0.3)),
            new Request(Prompts.of(plain(HEAD)), FULL_PREFILL),
            new Request(OTHER_ORDER, Arms.byValue(0.3), true),
            new Request(FOUR_CHUNKS, Arms.queryAttention(0.15)),
            new Request(OTHER_ORDER, Arms.expanded(0.15)),
            new Request(OTHER_ORDER, Arms.headAttention(0.3), true),
            new Request(FOUR_CHUNKS, Arms.deviationAttention(Tensor.VALUE, 0.1)),
            new Request(OTHER_ORDER, Arms.random(0.4)));
    List<PackedStep.Result> packed = new PackedStep(model, worker).run(requests);
    for (int i = 0; i < requests.size(); i++) {
      Request request = requests.get(i);
      String what = "sequence " + i + ", " + request.arm();
      Run run = worker.run(request.prompt(), request.arm(), 2);
      Probe alone = run.steps().get(request.decoding() ? 1 : 0);
      SequenceResult step = packed.get(i).step();
      assertThat(step.nextTokenId()).as(what).isEqualTo(alone.output().nextTokenId());
      assertThat(step.activePositions()).as(what).isEqualTo(alone.output().activePositions());
      Closeness.assertClose(
          what,
          step.logits().orElseThrow().toArray(),
          alone.output().logits().orElseThrow().toArray());
      Closeness.assertClose(what, packed.get(i).kv(), alone.kv());
      assertScores(what, request, step.layerScores());
    }
  }

  private void assertScores(String what, Request request, List<LayerScores> packed) {
    if (request.decoding() || !request.arm().readsChunks()) {
      assertThat(packed).as(what).isEmpty();
      return;
    }
    List<LayerScores> alone = worker.check(request.prompt(), request.arm()).layerScores();
    assertThat(packed).as(what).hasSameSizeAs(alone);
    for (int i = 0; i < alone.size(); i++) {
      assertThat(packed.get(i).layer()).as(what).isEqualTo(alone.get(i).layer());
      assertThat(packed.get(i).positions()).as(what).isEqualTo(alone.get(i).positions());
      Closeness.assertClose(
          what, packed.get(i).scores().toArray(), alone.get(i).scores().toArray());
    }
  }

  @Test
  @DisplayName("S2: the same chunks in another order are hits, and give the result of a new worker")
  void permutedChunksAreHits() {
    worker.collect(FOUR_CHUNKS);
    worker.run(FOUR_CHUNKS, Arms.byValue(0.3), 3);
    assertThat(worker.collect(OTHER_ORDER).chunks()).allMatch(CollectResult.Chunk::hit);
    Run warm = worker.run(OTHER_ORDER, Arms.byValue(0.3), 3);
    try (TestWorker fresh = new TestWorker(model)) {
      fresh.collect(OTHER_ORDER);
      Closeness.assertSame("after another", warm, fresh.run(OTHER_ORDER, Arms.byValue(0.3), 3));
    }
  }

  @Test
  @DisplayName("S3: requests that are queued together give the results of requests one by one")
  void concurrentRequestsDoNotAffectEachOther() {
    worker.collect(FOUR_CHUNKS);
    worker.collect(OTHER_ORDER);
    List<Request> requests = new ArrayList<>();
    for (Arm arm :
        List.of(
            Arms.byValue(0.2),
            FULL_KV_REUSE,
            Arms.random(0.2),
            FULL_PREFILL,
            Arms.expanded(0.2),
            Arms.deviationAttention(Tensor.KEY, 0.2))) {
      requests.add(new Request(FOUR_CHUNKS, arm));
      requests.add(new Request(OTHER_ORDER, arm));
    }
    List<GenerateResult> alone =
        requests.stream().map(r -> worker.run(r.prompt(), r.arm(), 4).result()).toList();
    List<Ticket<GenerateResult>> tickets =
        requests.stream().map(r -> submit(worker.engine(), r)).toList();
    for (int i = 0; i < requests.size(); i++) {
      GenerateResult together = tickets.get(i).result().join();
      assertThat(together.firstTopLogits()).isEqualTo(alone.get(i).firstTopLogits());
      assertThat(together.activePositions()).isEqualTo(alone.get(i).activePositions());
    }
    KvPoolStatistics pool = worker.memory().statistics();
    assertThat(pool.freeBlockCount()).isEqualTo(pool.totalBlockCount());
  }

  private static Ticket<GenerateResult> submit(Engine engine, Request request) {
    return engine.generate(
        TestWorker.command(request.prompt(), request.arm(), 4), token -> {}, Interruption.NEVER);
  }
}
