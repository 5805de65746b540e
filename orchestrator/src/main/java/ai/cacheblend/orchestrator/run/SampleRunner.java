package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.client.CollectedChunk;
import ai.cacheblend.orchestrator.client.DeviceState;
import ai.cacheblend.orchestrator.client.GenerateCall;
import ai.cacheblend.orchestrator.client.GenerateResult;
import ai.cacheblend.orchestrator.client.PromptSegment;
import ai.cacheblend.orchestrator.client.WorkerClient;
import ai.cacheblend.orchestrator.client.WorkerException;
import ai.cacheblend.orchestrator.dataset.QualityTask;
import ai.cacheblend.orchestrator.plan.BlockOrder;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.PromptShape;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.plan.RowCounts;
import com.google.common.primitives.ImmutableIntArray;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Runs one sample: collects its chunks, then answers greedily with each arm and scores. */
final class SampleRunner {
  private final QualityPlan plan;
  private final QualityTask task;
  private final boolean tokenizerAddsBos;
  private final RunClock clock;
  private final BlockOrder order;
  private final int session;

  SampleRunner(
      QualityPlan plan, QualityTask task, boolean tokenizerAddsBos, RunClock clock, int session) {
    this.plan = plan;
    this.task = task;
    this.tokenizerAddsBos = tokenizerAddsBos;
    this.clock = clock;
    this.order = new BlockOrder(plan.arms(), plan.seed());
    this.session = session;
  }

  /** Throws {@link WorkerException} only of kind UNREACHABLE; other failures are problems. */
  SampleResult run(Worker worker, int index, PreparedSample prepared) {
    Instant startedAt = clock.wall().instant();
    Optional<SampleResult.Collect> collect = Optional.empty();
    List<SampleResult.Answer> answers = new ArrayList<>();
    Optional<String> problem = Optional.empty();
    try {
      collect = collect(worker.client(), prepared);
      for (NamedArm arm : order.of(index)) {
        answers.add(answer(worker.client(), prepared, arm, answers.size()));
      }
      problem =
          answers.stream()
              .filter(answer -> answer.problem().isPresent())
              .map(answer -> answer.arm() + ": " + answer.problem().orElseThrow())
              .findFirst();
    } catch (WorkerException e) {
      if (e.kind() == WorkerException.Kind.UNREACHABLE) {
        throw e;
      }
      problem = Optional.of(e.getMessage());
    }
    return result(worker, startedAt, index, prepared, collect, answers, problem, false);
  }

  /** A sample that no worker answered. */
  SampleResult lost(int index, PreparedSample prepared, Worker worker, String reason) {
    return result(
        worker,
        clock.wall().instant(),
        index,
        prepared,
        Optional.empty(),
        List.of(),
        Optional.of(reason),
        true);
  }

  private SampleResult result(
      Worker worker,
      Instant startedAt,
      int index,
      PreparedSample prepared,
      Optional<SampleResult.Collect> collect,
      List<SampleResult.Answer> answers,
      Optional<String> problem,
      boolean workerLost) {
    PromptShape shape = PromptSegment.shapeOf(prepared.segments());
    return new SampleResult(
        index,
        prepared.sample().id(),
        prepared.sample().type(),
        prepared.sample().references(),
        Origin.of(session, worker),
        startedAt,
        PromptHash.of(prepared.segments()),
        shape.promptTokenCount(),
        shape.cachedTokenCount(),
        collect,
        answers,
        problem,
        workerLost,
        workerLost ? DeviceState.UNKNOWN : worker.deviceState());
  }

  private Optional<SampleResult.Collect> collect(WorkerClient worker, PreparedSample prepared) {
    List<ImmutableIntArray> chunks =
        PromptSegment.chunksOf(prepared.segments()).stream().distinct().toList();
    if (chunks.isEmpty() || plan.arms().stream().noneMatch(arm -> arm.arm().readsChunks())) {
      return Optional.empty();
    }
    long begunNanos = clock.ticker().read();
    List<CollectedChunk> collected = worker.collect(chunks);
    return Optional.of(
        new SampleResult.Collect(
            collected.size(),
            (int) collected.stream().filter(CollectedChunk::hit).count(),
            clock.ticker().read() - begunNanos,
            collected.stream().mapToLong(CollectedChunk::computeNanos).sum()));
  }

  private SampleResult.Answer answer(
      WorkerClient worker, PreparedSample prepared, NamedArm arm, int place) {
    Instant startedAt = clock.wall().instant();
    GenerateResult result =
        worker.generate(
            GenerateCall.greedy(
                prepared.segments(), arm.arm(), plan.maxNewTokens(), plan.stopStrings(), false));
    AnswerScorer scorer =
        AnswerScorer.of(
            task.metric(),
            plan.firstLineOnly(),
            text -> worker.tokenize(List.of(text), true).get(0).toArray(),
            tokenizerAddsBos);
    String scoredText = scorer.scoredText(result.text());
    RowCounts expected = RowCounts.expected(arm.arm(), PromptSegment.shapeOf(prepared.segments()));
    return new SampleResult.Answer(
        arm.name(),
        place,
        startedAt,
        scoredText,
        scorer.score(scoredText, prepared.sample().references()),
        expected,
        result,
        Verification.problem(result, expected, plan.maxNewTokens(), false));
  }
}
