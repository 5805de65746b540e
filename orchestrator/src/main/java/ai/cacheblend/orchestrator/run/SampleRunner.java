package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.client.CollectedChunk;
import ai.cacheblend.orchestrator.client.GenerateCall;
import ai.cacheblend.orchestrator.client.GenerateResult;
import ai.cacheblend.orchestrator.client.PromptSegment;
import ai.cacheblend.orchestrator.client.WorkerClient;
import ai.cacheblend.orchestrator.client.WorkerException;
import ai.cacheblend.orchestrator.dataset.QualityTask;
import ai.cacheblend.orchestrator.plan.BlockOrder;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.PrefixReuse;
import ai.cacheblend.orchestrator.plan.PromptShape;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.plan.RowCounts;
import ai.cacheblend.orchestrator.records.ArmRun;
import ai.cacheblend.orchestrator.records.Collect;
import ai.cacheblend.orchestrator.records.Sample;
import com.google.common.primitives.ImmutableIntArray;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Runs one sample: collects its chunks, then generates greedily with each arm and scores. */
final class SampleRunner {
  private final QualityPlan plan;
  private final QualityTask task;
  private final int layerCount;
  private final int blockTokenCount;
  private final boolean tokenizerAddsBos;
  private final RunClock clock;
  private final BlockOrder orders;
  private final int session;
  private final ChunkPlacement placement;

  SampleRunner(
      QualityPlan plan,
      QualityTask task,
      int layerCount,
      int blockTokenCount,
      boolean tokenizerAddsBos,
      RunClock clock,
      int session) {
    this.plan = plan;
    this.task = task;
    this.layerCount = layerCount;
    this.blockTokenCount = blockTokenCount;
    this.tokenizerAddsBos = tokenizerAddsBos;
    this.clock = clock;
    this.orders = new BlockOrder(plan.arms(), plan.seed());
    this.session = session;
    this.placement = new ChunkPlacement(plan.tier());
  }

  /**
   * Records a failed call as the problem of the sample.
   *
   * @throws WorkerException of kind UNREACHABLE if the sample can be run on another worker
   */
  Sample run(Worker worker, int index, PreparedSample prepared) {
    Instant startedAt = clock.wall().instant();
    BlockMeter meter = BlockMeter.start(clock.meter(), worker);
    Optional<Collect> collect = Optional.empty();
    List<ArmRun> armRuns = new ArrayList<>();
    Optional<String> problem = Optional.empty();
    try {
      Stored stored = collect(worker.client(), prepared);
      collect = stored.collect();
      for (NamedArm arm : orders.of(index)) {
        placement.before(arm, worker.client(), stored.keys());
        armRuns.add(answer(worker.client(), prepared, arm, armRuns.size()));
      }
      problem =
          armRuns.stream()
              .filter(armRun -> !armRun.valid())
              .map(armRun -> armRun.arm() + ": " + armRun.problem().orElseThrow())
              .findFirst();
    } catch (WorkerException e) {
      if (e.kind() == WorkerException.Kind.UNREACHABLE) {
        throw e;
      }
      problem = Optional.of(e.getMessage());
    }
    return result(
        worker, startedAt, index, prepared, collect, armRuns, problem, false, meter.stop());
  }

  /** A sample whose workers were all lost. */
  Sample lost(int index, PreparedSample prepared, Worker worker, String reason) {
    return result(
        worker,
        clock.wall().instant(),
        index,
        prepared,
        Optional.empty(),
        List.of(),
        Optional.of(reason),
        true,
        BlockMeter.Measured.NOTHING);
  }

  private Sample result(
      Worker worker,
      Instant startedAt,
      int index,
      PreparedSample prepared,
      Optional<Collect> collect,
      List<ArmRun> armRuns,
      Optional<String> problem,
      boolean workerLost,
      BlockMeter.Measured measured) {
    PromptShape shape = PromptSegment.shapeOf(prepared.segments());
    return new Sample(
        index,
        prepared.sample().id(),
        prepared.sample().type(),
        prepared.sample().question(),
        prepared.sample().references(),
        worker.origin(session),
        startedAt,
        PromptHash.of(prepared.segments()),
        shape.promptTokenCount(),
        shape.cachedTokenCount(),
        prepared.documentsLeftOut(),
        prepared.retrieved(),
        collect,
        armRuns,
        problem,
        workerLost,
        measured.device(),
        measured.load());
  }

  /**
   * Chunks of a sample on the worker.
   *
   * @param collect empty if no chunk is needed
   */
  private record Stored(Optional<Collect> collect, List<String> keys) {}

  private Stored collect(WorkerClient worker, PreparedSample prepared) {
    List<ImmutableIntArray> chunks =
        PromptSegment.chunksOf(prepared.segments()).stream().distinct().toList();
    if (chunks.isEmpty() || plan.arms().stream().noneMatch(arm -> arm.arm().readsChunks())) {
      return new Stored(Optional.empty(), List.of());
    }
    long begunNanos = clock.ticker().read();
    List<CollectedChunk> collected = worker.collect(chunks);
    Collect collect =
        new Collect(
            collected.size(),
            (int) collected.stream().filter(CollectedChunk::hit).count(),
            collected.stream().mapToInt(CollectedChunk::tokenCount).sum(),
            collected.stream().mapToLong(CollectedChunk::byteCount).sum(),
            clock.ticker().read() - begunNanos,
            collected.stream().mapToLong(CollectedChunk::computeNanos).sum());
    return new Stored(
        Optional.of(collect), collected.stream().map(CollectedChunk::key).distinct().toList());
  }

  private ArmRun answer(WorkerClient worker, PreparedSample prepared, NamedArm arm, int order) {
    Instant startedAt = clock.wall().instant();
    GenerateResult answer =
        worker.generate(
            GenerateCall.greedy(
                    prepared.segments(), arm.arm(), plan.maxNewTokens(), plan.stopStrings(), false)
                .loadingAll());
    AnswerScorer scorer =
        AnswerScorer.of(
            task.metric(),
            plan.firstLineOnly(),
            text -> worker.tokenize(List.of(text), true).get(0).toArray(),
            tokenizerAddsBos);
    String scoredText = scorer.scoredText(answer.text());
    // What prefix caching finds depends on the samples before, and on resumed sessions.
    PrefixReuse prefix =
        new PrefixReuse(blockTokenCount, Math.max(0, answer.rows().reusedTokenCount()));
    PromptShape shape = PromptSegment.shapeOf(prepared.segments());
    Optional<String> problem = answer.load().problem(arm.arm(), shape, false);
    RowCounts expected =
        problem.isPresent()
            ? RowCounts.expected(arm.arm(), shape, layerCount, prefix)
            : answer.load().expectedRows(arm.arm(), shape, layerCount, prefix);
    return new ArmRun(
        arm.name(),
        order,
        startedAt,
        expected,
        Optional.of(answer),
        problem
            .or(() -> Verification.problem(answer, expected, plan.maxNewTokens(), false))
            .or(() -> placement.problem(arm, answer, prepared.segments())),
        Optional.of(
            new ArmRun.Score(
                scoredText, scorer.score(scoredText, prepared.sample().references()))));
  }
}
