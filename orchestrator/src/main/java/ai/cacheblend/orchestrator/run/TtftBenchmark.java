package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.dataset.TtftCorpus;
import ai.cacheblend.orchestrator.plan.PlanException;
import ai.cacheblend.orchestrator.plan.TtftPlan;
import com.google.common.hash.HashCode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Measures the time to first token: for each length so many trials, each of a prompt of its own,
 * answered by every arm. A worker is warmed up for a length just before its first trial of it.
 */
public final class TtftBenchmark {
  private final TtftPlan plan;
  private final Fleet fleet;
  private final RunClock clock;

  public TtftBenchmark(TtftPlan plan, Fleet fleet, RunClock clock) {
    this.plan = plan;
    this.fleet = fleet;
    this.clock = clock;
  }

  /** Runs the plan; warm-up trials are told to the listener, and are part of the result. */
  public List<TtftTrial> run(RunListener<TtftTrial> listener) {
    fleet.requireCheckLayers(plan.arms());
    requireFit();
    TtftPrompts prompts =
        new TtftPrompts(
            plan,
            fleet.bosTokenId(),
            new CorpusPassages(TtftCorpus.embedded(), fleet.first().client(), plan.seed()));
    List<TtftPrompt> trials = new ArrayList<>();
    for (int length : plan.lengths()) {
      for (int trial = 0; trial < plan.trials(); trial++) {
        trials.add(prompts.next(TtftTrial.Phase.MEASURED, length, trial));
      }
    }
    Job job = new Job(warmups(prompts), listener);
    listener.started(
        trials.stream().mapToDouble(TtftBenchmark::weight).sum()
            + job.warmups.values().stream()
                .flatMap(List::stream)
                .mapToDouble(TtftBenchmark::weight)
                .sum());
    List<TtftTrial> results = new ArrayList<>();
    results.addAll(new SharedWork<>(job, listener).run(fleet.workers(), trials));
    results.addAll(job.finishedWarmups);
    results.sort(
        Comparator.comparing(TtftTrial::phase)
            .thenComparingInt(trial -> plan.lengths().indexOf(trial.length()))
            .thenComparingInt(TtftTrial::trial)
            .thenComparing(TtftTrial::worker));
    return results;
  }

  private void requireFit() {
    int limit = fleet.maxSequenceTokenCount();
    for (int length : plan.lengths()) {
      PlanException.require(
          (long) length + plan.maxNewTokens() <= limit,
          "lengths has "
              + length
              + ", with "
              + plan.maxNewTokens()
              + " new tokens more than the worker's limit of "
              + limit
              + " tokens; use shorter lengths or a model and worker with a higher limit");
    }
  }

  /** Prompts by worker and length, made before anything runs: the same ones from the same seed. */
  private Map<WarmupKey, List<TtftPrompt>> warmups(TtftPrompts prompts) {
    Map<WarmupKey, List<TtftPrompt>> warmups = new HashMap<>();
    for (String worker : fleet.addresses()) {
      for (int length : plan.lengths()) {
        List<TtftPrompt> ofLength = new ArrayList<>();
        for (int trial = 0; trial < plan.warmupTrials(); trial++) {
          ofLength.add(prompts.next(TtftTrial.Phase.WARMUP, length, trial));
        }
        warmups.put(new WarmupKey(worker, length), ofLength);
      }
    }
    return warmups;
  }

  private record WarmupKey(String worker, int length) {}

  /** Longer prompts take longer, a little more than in proportion. */
  private static double weight(TtftPrompt prompt) {
    return prompt.length() + 1e-4 * prompt.length() * prompt.length();
  }

  private final class Job implements SharedWork.Job<TtftPrompt, TtftTrial> {
    private final Map<WarmupKey, List<TtftPrompt>> warmups;
    private final RunListener<TtftTrial> listener;
    private final TtftTrialRunner runner = new TtftTrialRunner(plan, clock);
    private final Set<WarmupKey> warm = ConcurrentHashMap.newKeySet();
    private final Set<TtftTrial> finishedWarmups = ConcurrentHashMap.newKeySet();

    Job(Map<WarmupKey, List<TtftPrompt>> warmups, RunListener<TtftTrial> listener) {
      this.warmups = warmups;
      this.listener = listener;
    }

    @Override
    public HashCode key(TtftPrompt prompt) {
      return ContentHash.ofChunks(prompt.segments());
    }

    @Override
    public double weight(TtftPrompt prompt) {
      return TtftBenchmark.weight(prompt);
    }

    @Override
    public SharedWork.Done<TtftTrial> run(Worker worker, TtftPrompt prompt) {
      WarmupKey key = new WarmupKey(worker.address(), prompt.length());
      if (warm.add(key)) {
        for (TtftPrompt warmup : warmups.get(key)) {
          TtftTrial finished = runner.run(worker.client(), warmup).result();
          finishedWarmups.add(finished);
          listener.finished(finished, weight(warmup));
        }
      }
      return runner.run(worker.client(), prompt);
    }

    @Override
    public TtftTrial givenUp(TtftPrompt prompt, String worker, String reason) {
      throw new IllegalStateException("a trial that loses its worker is not moved: " + reason);
    }
  }
}
