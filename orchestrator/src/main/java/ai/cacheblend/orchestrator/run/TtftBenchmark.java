package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.client.WorkerException;
import ai.cacheblend.orchestrator.dataset.TtftCorpus;
import ai.cacheblend.orchestrator.plan.ChunkSource;
import ai.cacheblend.orchestrator.plan.PlanException;
import ai.cacheblend.orchestrator.plan.TtftPlan;
import ai.cacheblend.orchestrator.records.BlockListener;
import ai.cacheblend.orchestrator.records.EarlierBlocks;
import ai.cacheblend.orchestrator.records.Example;
import ai.cacheblend.orchestrator.records.Phase;
import ai.cacheblend.orchestrator.records.Trial;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * Measures the time to first token. Each trial runs a new prompt with every arm. Trials are
 * interleaved across lengths in random order. A worker is warmed up for a length before its first
 * trial of that length.
 */
public final class TtftBenchmark {
  private final TtftPlan plan;
  private final Fleet fleet;
  private final RunClock clock;

  /** The first prompt of each length; empty before {@link #run}. */
  private final List<TtftPrompt> firstPrompts = new ArrayList<>();

  public TtftBenchmark(TtftPlan plan, Fleet fleet, RunClock clock) {
    this.plan = plan;
    this.fleet = fleet;
    this.clock = clock;
  }

  /**
   * Runs the trials of the plan that {@code earlier} does not have. The result includes earlier and
   * warm-up trials.
   */
  public List<Trial> run(EarlierBlocks<Trial> earlier, BlockListener<Trial> listener) {
    return TtftGroup.run(fleet, List.of(new TtftGroup.Part(this, earlier, listener)), listener)
        .get(0);
  }

  /** Draws the prompts of the plan; the trials that {@code earlier} does not have are to be run. */
  TtftGroup.Work prepare(EarlierBlocks<Trial> earlier, BlockListener<Trial> listener) {
    requireFit();
    TtftPrompts prompts =
        new TtftPrompts(
            plan,
            fleet.bosTokenId(),
            new CorpusPassages(TtftCorpus.embedded(), fleet.first().client(), plan.seed()));
    List<TtftPrompt> trials = new ArrayList<>();
    Set<Integer> done = blocks(earlier.blocks());
    for (int length : plan.lengths()) {
      for (int trial = 0; trial < plan.trials(); trial++) {
        // Drawn even if not run: all sessions must have the same prompts.
        TtftPrompt prompt = prompts.next(Phase.MEASURED, length, trial);
        if (trial == 0) {
          firstPrompts.add(prompt);
        }
        if (!done.contains(plan.block(length, trial))) {
          trials.add(prompt);
        }
      }
    }
    TtftTrialRunner runner =
        new TtftTrialRunner(
            plan,
            fleet.model().layerCount(),
            fleet.first().description().memory().blockTokenCount(),
            clock,
            earlier.session());
    return new TtftGroup.Work(
        runner,
        new TtftWarmUp(plan.warmUp(), warmups(prompts, trials), runner, listener),
        trials,
        listener);
  }

  /** In the order of the records. */
  List<Trial> sorted(List<Trial> trials) {
    return trials.stream()
        .sorted(
            Comparator.comparing(Trial::phase)
                .thenComparingInt(trial -> plan.lengths().indexOf(trial.length()))
                .thenComparingInt(Trial::trial)
                .thenComparingInt(trial -> trial.origin().session())
                .thenComparing(Trial::worker))
        .toList();
  }

  /**
   * The first prompt of each length, and the rows that each blending arm recomputes; empty if no
   * arm blends. Call it after the run: it is not timed, and it changes the worker's chunk store.
   *
   * @throws WorkerException if the worker does not answer
   */
  public List<Example> examples() {
    ExampleRecorder recorder = new ExampleRecorder(fleet.first().client(), plan.arms());
    return firstPrompts.stream()
        .flatMap(prompt -> recorder.record(prompt.length() + " tokens", prompt.segments()).stream())
        .toList();
  }

  private Set<Integer> blocks(List<Trial> trials) {
    return trials.stream()
        .filter(Trial::measured)
        .map(trial -> plan.block(trial.length(), trial.trial()))
        .collect(Collectors.toSet());
  }

  /**
   * Trials are interleaved across lengths: drift during the run affects all lengths alike, and no
   * length always follows the same one. Depends on seed, trial and length only.
   */
  long placeInRound(TtftPrompt prompt) {
    long seed = 1_000_003 * plan.seed() + prompt.trial();
    return new SplittableRandom(new SplittableRandom(seed).nextLong() + prompt.length()).nextLong();
  }

  /** Rejects check layers that the model does not have, and lengths above the limit of a worker. */
  public void requireFit() {
    fleet.requireCheckLayers(plan.arms());
    fleet.requireTier(plan.source().map(ChunkSource::tier));
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

  /**
   * Warm-up prompts by length, drawn before the first trial so that they depend on the seed only.
   * Workers share them, because each worker has its own chunk store.
   */
  private Map<Integer, List<TtftPrompt>> warmups(TtftPrompts prompts, List<TtftPrompt> trials) {
    Map<Integer, List<TtftPrompt>> warmups = new LinkedHashMap<>();
    for (int length : plan.lengths()) {
      if (trials.stream().anyMatch(trial -> trial.length() == length)) {
        List<TtftPrompt> ofLength = new ArrayList<>();
        for (int trial = 0; trial < plan.warmUp().max(); trial++) {
          ofLength.add(prompts.next(Phase.WARMUP, length, trial));
        }
        warmups.put(length, ofLength);
      }
    }
    return warmups;
  }
}
