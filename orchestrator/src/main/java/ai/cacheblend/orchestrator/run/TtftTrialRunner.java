package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.client.CheckedPrompt;
import ai.cacheblend.orchestrator.client.CollectedChunk;
import ai.cacheblend.orchestrator.client.GenerateCall;
import ai.cacheblend.orchestrator.client.GenerateResult;
import ai.cacheblend.orchestrator.client.PromptSegment;
import ai.cacheblend.orchestrator.client.WorkerClient;
import ai.cacheblend.orchestrator.client.WorkerException;
import ai.cacheblend.orchestrator.plan.Arm;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.RowCounts;
import ai.cacheblend.orchestrator.plan.TtftPlan;
import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Runs one trial: empties the store, collects, has the worker check what blending would do, then
 * answers with each arm in random order.
 */
final class TtftTrialRunner {
  private final TtftPlan plan;
  private final RunClock clock;

  TtftTrialRunner(TtftPlan plan, RunClock clock) {
    this.plan = plan;
    this.clock = clock;
  }

  /** Never throws {@link WorkerException}: what failed becomes the problem of the arms. */
  SharedWork.Done<TtftTrial> run(WorkerClient worker, TtftPrompt prompt) {
    TtftTrial.Collect collect;
    try {
      worker.reset();
      collect = collect(worker, prompt);
      check(worker, prompt);
    } catch (WorkerException e) {
      List<TtftTrial.Run> runs = new ArrayList<>();
      skipRest(runs, prompt, e.getMessage());
      return new SharedWork.Done<>(trial(worker, prompt, Optional.empty(), runs), lost(e));
    }
    List<TtftTrial.Run> runs = new ArrayList<>();
    Optional<String> lost = Optional.empty();
    for (NamedArm arm : order(prompt)) {
      Instant startedAt = clock.wall().instant();
      try {
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
    return new SharedWork.Done<>(trial(worker, prompt, Optional.of(collect), runs), lost);
  }

  private static Optional<String> lost(WorkerException e) {
    return e.kind() == WorkerException.Kind.UNREACHABLE
        ? Optional.of(e.getMessage())
        : Optional.empty();
  }

  private static TtftTrial trial(
      WorkerClient worker,
      TtftPrompt prompt,
      Optional<TtftTrial.Collect> collect,
      List<TtftTrial.Run> runs) {
    return new TtftTrial(
        prompt.phase(), prompt.length(), prompt.trial(), worker.address(), collect, runs);
  }

  /** The arms as this trial runs them: the same from the same seed, whatever the worker. */
  private List<NamedArm> order(TtftPrompt prompt) {
    long seed =
        Hashing.murmur3_128()
            .newHasher()
            .putLong(plan.seed())
            .putString(prompt.phase().name(), StandardCharsets.US_ASCII)
            .putInt(prompt.length())
            .putInt(prompt.trial())
            .hash()
            .asLong();
    List<NamedArm> arms = new ArrayList<>(plan.arms());
    Collections.shuffle(arms, new Random(seed));
    return arms;
  }

  private TtftTrial.Collect collect(WorkerClient worker, TtftPrompt prompt) {
    long begunNanos = clock.ticker().read();
    List<CollectedChunk> chunks = worker.collect(prompt.chunks());
    long clientNanos = clock.ticker().read() - begunNanos;
    long hitCount = chunks.stream().filter(CollectedChunk::hit).count();
    if (hitCount > 0) {
      throw new WorkerException(
          WorkerException.Kind.FAILED,
          worker.address(),
          "INTERNAL",
          hitCount + " of " + chunks.size() + " chunks were stored already, just after Reset",
          null);
    }
    return new TtftTrial.Collect(
        chunks.size(),
        chunks.stream().mapToInt(CollectedChunk::tokenCount).sum(),
        chunks.stream().mapToLong(CollectedChunk::byteCount).sum(),
        clientNanos,
        chunks.stream().mapToLong(CollectedChunk::computeNanos).sum());
  }

  /** Every chunk must be there, and every blending arm must choose as many rows as it should. */
  private void check(WorkerClient worker, TtftPrompt prompt) {
    for (NamedArm arm : plan.arms()) {
      if (arm.arm() instanceof Arm.CacheBlend) {
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
    }
  }

  private TtftTrial.Run answer(
      WorkerClient worker, TtftPrompt prompt, NamedArm arm, int order, Instant startedAt) {
    GenerateResult answer =
        worker.generate(
            GenerateCall.greedy(
                prompt.segments(), arm.arm(), plan.maxNewTokens(), List.of(), true));
    RowCounts expected = expected(prompt, arm);
    return new TtftTrial.Run(
        arm.name(),
        order,
        startedAt,
        expected,
        Optional.of(answer),
        Verification.problem(answer, expected, plan.maxNewTokens(), true));
  }

  private TtftTrial.Run failed(
      TtftPrompt prompt, NamedArm arm, int order, Instant startedAt, String reason) {
    return new TtftTrial.Run(
        arm.name(), order, startedAt, expected(prompt, arm), Optional.empty(), Optional.of(reason));
  }

  private void skipRest(List<TtftTrial.Run> runs, TtftPrompt prompt, String reason) {
    for (NamedArm arm : order(prompt).subList(runs.size(), plan.arms().size())) {
      runs.add(failed(prompt, arm, runs.size(), clock.wall().instant(), "not run after " + reason));
    }
  }

  private static RowCounts expected(TtftPrompt prompt, NamedArm arm) {
    return RowCounts.expected(arm.arm(), PromptSegment.shapeOf(prompt.segments()));
  }
}
