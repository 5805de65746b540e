package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.client.CheckedPrompt;
import ai.cacheblend.orchestrator.client.CollectedChunk;
import ai.cacheblend.orchestrator.client.GenerateCall;
import ai.cacheblend.orchestrator.client.GenerateResult;
import ai.cacheblend.orchestrator.client.LoadReport;
import ai.cacheblend.orchestrator.client.PromptSegment;
import ai.cacheblend.orchestrator.client.WorkerClient;
import ai.cacheblend.orchestrator.client.WorkerException;
import ai.cacheblend.orchestrator.plan.Arm;
import ai.cacheblend.orchestrator.plan.BlockOrder;
import ai.cacheblend.orchestrator.plan.ChunkSource;
import ai.cacheblend.orchestrator.plan.LoadPolicy;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.PrefixReuse;
import ai.cacheblend.orchestrator.plan.RowCounts;
import ai.cacheblend.orchestrator.plan.TtftPlan;
import ai.cacheblend.orchestrator.records.ArmRun;
import ai.cacheblend.orchestrator.records.Collect;
import ai.cacheblend.orchestrator.records.Phase;
import ai.cacheblend.orchestrator.records.Trial;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Runs one trial: resets the chunk store, collects the chunks, checks one blending arm, then
 * generates with each arm in the order of the block. Where the plan names a tier, the chunks are
 * moved there before each arm that reads them.
 */
final class TtftTrialRunner {
  private final TtftPlan plan;
  private final int layerCount;
  private final int blockTokenCount;
  private final RunClock clock;
  private final int session;
  private final BlockOrder measuredOrder;
  private final BlockOrder warmupOrder;
  private final ChunkPlacement placement;

  /**
   * For workers with a model of {@code layerCount} layers.
   *
   * @param blockTokenCount tokens of a block of their KV pools
   */
  TtftTrialRunner(TtftPlan plan, int layerCount, int blockTokenCount, RunClock clock, int session) {
    this.plan = plan;
    this.layerCount = layerCount;
    this.blockTokenCount = blockTokenCount;
    this.clock = clock;
    this.session = session;
    this.placement = new ChunkPlacement(plan.source().map(ChunkSource::tier));
    this.measuredOrder = new BlockOrder(plan.arms(), plan.seed());
    this.warmupOrder = new BlockOrder(plan.arms(), ~plan.seed());
  }

  /** Never throws {@link WorkerException}: a failed call becomes the problem of its arms. */
  SharedWork.Done<Trial> run(Worker to, TtftPrompt prompt) {
    WorkerClient worker = to.client();
    BlockMeter meter = BlockMeter.start(clock.meter(), to);
    Collect collect;
    List<String> keys;
    try {
      worker.reset();
      long begunNanos = clock.ticker().read();
      List<CollectedChunk> chunks = worker.collect(prompt.chunks());
      collect = collect(worker, chunks, clock.ticker().read() - begunNanos);
      keys = chunks.stream().map(CollectedChunk::key).distinct().toList();
      check(worker, prompt);
    } catch (WorkerException e) {
      return new SharedWork.Done<>(notRun(to, prompt, e, meter), lost(e));
    }
    List<ArmRun> runs = new ArrayList<>();
    Optional<String> lost = Optional.empty();
    for (NamedArm arm : order(prompt)) {
      Instant startedAt = clock.wall().instant();
      try {
        if (arm.arm() instanceof Arm.PrefixCaching) {
          storeContext(worker, prompt, arm);
        }
        placement.before(arm, worker, keys);
        runs.add(answer(worker, prompt, arm, runs.size(), startedAt));
      } catch (WorkerException e) {
        runs.add(failed(prompt, arm, runs.size(), startedAt, e.getMessage()));
        lost = lost(e);
      }
      if (lost.isPresent()) {
        skipRest(runs, prompt, lost.get());
        break;
      }
    }
    return new SharedWork.Done<>(
        trial(
            to,
            prompt,
            Optional.of(collect),
            lost.isPresent() ? runs : withoutForeignRequests(worker, runs),
            lost.isPresent(),
            meter),
        lost);
  }

  /** A trial in which no arm ran. */
  private Trial notRun(Worker worker, TtftPrompt prompt, WorkerException reason, BlockMeter meter) {
    List<ArmRun> runs = new ArrayList<>();
    skipRest(runs, prompt, reason.getMessage());
    return trial(worker, prompt, Optional.empty(), runs, lost(reason).isPresent(), meter);
  }

  private static Optional<String> lost(WorkerException e) {
    return e.kind() == WorkerException.Kind.UNREACHABLE
        ? Optional.of(e.getMessage())
        : Optional.empty();
  }

  private Trial trial(
      Worker worker,
      TtftPrompt prompt,
      Optional<Collect> collect,
      List<ArmRun> runs,
      boolean workerLost,
      BlockMeter meter) {
    BlockMeter.Measured measured = workerLost ? BlockMeter.Measured.NOTHING : meter.stop();
    return new Trial(
        prompt.phase(),
        prompt.length(),
        prompt.trial(),
        worker.origin(session),
        PromptHash.of(prompt.segments()),
        collect,
        runs,
        workerLost,
        measured.device(),
        measured.load());
  }

  /** The runs, with a problem in each if the worker served another client during the trial. */
  private static List<ArmRun> withoutForeignRequests(WorkerClient worker, List<ArmRun> runs) {
    String problem;
    try {
      long count = worker.takeForeignRequestCount();
      if (count == 0) {
        return runs;
      }
      problem = "foreign requests on the worker during the trial: " + count;
    } catch (WorkerException e) {
      problem = "foreign requests on the worker are unknown: " + e.getMessage();
    }
    String found = problem;
    return runs.stream().map(run -> run.withProblem(found)).toList();
  }

  private List<NamedArm> order(TtftPrompt prompt) {
    return prompt.phase() == Phase.WARMUP
        ? warmupOrder.of(prompt.trial())
        : measuredOrder.of(plan.block(prompt.length(), prompt.trial()));
  }

  private static Collect collect(
      WorkerClient worker, List<CollectedChunk> chunks, long clientNanos) {
    long hitCount = chunks.stream().filter(CollectedChunk::hit).count();
    if (hitCount > 0) {
      throw new WorkerException(
          WorkerException.Kind.FAILED,
          worker.address(),
          "INTERNAL",
          hitCount + " of " + chunks.size() + " chunks were hits directly after Reset",
          null);
    }
    return new Collect(
        chunks.size(),
        (int) hitCount,
        chunks.stream().mapToInt(CollectedChunk::tokenCount).sum(),
        chunks.stream().mapToLong(CollectedChunk::byteCount).sum(),
        clientNanos,
        chunks.stream().mapToLong(CollectedChunk::computeNanos).sum());
  }

  /**
   * Every chunk must be stored, and the first blending arm of the order must select its number of
   * rows. A check costs a prefill of its arm; the answer of each arm is verified, too.
   */
  private void check(WorkerClient worker, TtftPrompt prompt) {
    order(prompt).stream()
        .filter(arm -> arm.arm() instanceof Arm.CacheBlend)
        .findFirst()
        .ifPresent(arm -> check(worker, prompt, arm));
  }

  private void check(WorkerClient worker, TtftPrompt prompt, NamedArm arm) {
    CheckedPrompt checked = worker.check(prompt.segments(), arm.arm());
    Verification.problem(checked, expected(prompt, arm), prompt.chunks().size())
        .ifPresent(
            problem -> {
              throw new WorkerException(
                  WorkerException.Kind.FAILED,
                  worker.address(),
                  "INTERNAL",
                  "Check of " + arm.name() + ": " + problem,
                  null);
            });
  }

  /**
   * Answers the prompt without its suffix, so that the worker has the KV of the same chunks in the
   * same order: the best case of prefix caching, as collected chunks are that of the other arms.
   * Just before the measured call, because the prompts of other arms may evict blocks.
   */
  private static void storeContext(WorkerClient worker, TtftPrompt prompt, NamedArm arm) {
    if (!prompt.context().isEmpty()) {
      var unused =
          worker.generate(GenerateCall.greedy(prompt.context(), arm.arm(), 1, List.of(), true));
    }
  }

  private ArmRun answer(
      WorkerClient worker, TtftPrompt prompt, NamedArm arm, int order, Instant startedAt) {
    GenerateResult answer =
        worker.generate(
            GenerateCall.greedy(prompt.segments(), arm.arm(), plan.maxNewTokens(), List.of(), true)
                .withLoad(
                    plan.source().map(ChunkSource::bytesPerSecond).orElse(OptionalLong.empty()),
                    plan.source().map(ChunkSource::policy).orElse(LoadPolicy.LOAD)));
    Optional<String> problem = loadProblem(answer, prompt, arm);
    RowCounts expected =
        problem.isPresent() ? expected(prompt, arm) : expected(prompt, arm, answer.load());
    return new ArmRun(
        arm.name(),
        order,
        startedAt,
        expected,
        Optional.of(answer),
        problem
            .or(() -> Verification.problem(answer, expected, plan.maxNewTokens(), true))
            .or(() -> placement.problem(arm, answer, prompt.segments())),
        Optional.empty());
  }

  private Optional<String> loadProblem(GenerateResult answer, TtftPrompt prompt, NamedArm arm) {
    return answer
        .load()
        .problem(
            arm.arm(),
            PromptSegment.shapeOf(prompt.segments()),
            arm.arm().readsChunks()
                && plan.source().filter(s -> s.policy() == LoadPolicy.AUTO).isPresent());
  }

  private ArmRun failed(
      TtftPrompt prompt, NamedArm arm, int order, Instant startedAt, String reason) {
    return new ArmRun(
        arm.name(),
        order,
        startedAt,
        expected(prompt, arm),
        Optional.empty(),
        Optional.of(reason),
        Optional.empty());
  }

  private void skipRest(List<ArmRun> runs, TtftPrompt prompt, String reason) {
    for (NamedArm arm : order(prompt).subList(runs.size(), plan.arms().size())) {
      runs.add(failed(prompt, arm, runs.size(), clock.wall().instant(), "not run after " + reason));
    }
  }

  private RowCounts expected(TtftPrompt prompt, NamedArm arm) {
    return expected(prompt, arm, LoadReport.NONE);
  }

  private RowCounts expected(TtftPrompt prompt, NamedArm arm, LoadReport load) {
    return load.expectedRows(
        arm.arm(),
        PromptSegment.shapeOf(prompt.segments()),
        layerCount,
        new PrefixReuse(
            blockTokenCount, prompt.context().stream().mapToInt(s -> s.tokenIds().length()).sum()));
  }
}
