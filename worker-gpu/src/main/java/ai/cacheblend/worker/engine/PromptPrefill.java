package ai.cacheblend.worker.engine;

import ai.cacheblend.worker.blend.Arm;
import ai.cacheblend.worker.chunks.ChunkStore;
import ai.cacheblend.worker.forecast.LoadOptions;
import ai.cacheblend.worker.kv.KvExhaustedException;
import ai.cacheblend.worker.model.SequenceResult;
import ai.cacheblend.worker.model.SequenceStep;
import ai.cacheblend.worker.model.StepOutput;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;

/**
 * The prefill of a prompt. Where stored chunks are lost on their way to the device, it discards the
 * steps so far, computes these chunks, and starts again.
 */
final class PromptPrefill implements AutoCloseable {
  private final Resources resources;
  private final Prompt prompt;
  private final Arm arm;
  private final ChunkStore.Use use;
  private final int maxNewTokens;
  private final LoadOptions loads;

  /** Token ids of lost chunks that are not computed yet. */
  private final Queue<ImmutableIntArray> lost = new ArrayDeque<>();

  /** Of chunks that were computed again. */
  private final List<ChunkStore.Lease> leases = new ArrayList<>();

  /** The lost chunk that the next step computes. */
  private ChunkCapture capture;

  private PromptRun run;

  PromptPrefill(
      Resources resources,
      Prompt prompt,
      Arm arm,
      ChunkStore.Use use,
      int maxNewTokens,
      LoadOptions loads) {
    this.resources = resources;
    this.prompt = prompt;
    this.arm = arm;
    this.use = use;
    this.maxNewTokens = maxNewTokens;
    this.loads = loads;
  }

  boolean prepared() {
    return run != null || capture != null;
  }

  /**
   * Acquires what the next step needs.
   *
   * @throws KvExhaustedException if too little memory is free; the call can be repeated
   */
  void prepare() {
    while (!prepared()) {
      if (!lost.isEmpty()) {
        ImmutableIntArray chunk = lost.peek();
        capture = ChunkCapture.open(resources, resources.keys().of(chunk), chunk);
        return;
      }
      try {
        run = PromptRun.open(resources, prompt, arm, use, maxNewTokens, loads);
      } catch (LostChunksException e) {
        lost.addAll(e.chunks());
      }
    }
  }

  StepDemand demand() {
    return capture != null ? capture.demand() : run.demand();
  }

  SequenceStep nextStep(int rowCount, Set<StepOutput> outputs) {
    return capture != null ? capture.prefill(rowCount) : run.prefill(rowCount, outputs);
  }

  /** Takes the result of a step. Empty if further steps follow. */
  Optional<SequenceResult> advance(SequenceResult step, Set<StepOutput> outputs) {
    if (capture != null) {
      if (capture.complete()) {
        leases.add(capture.store());
        capture.close();
        capture = null;
        lost.remove();
        continuePrompt();
      }
      return Optional.empty();
    }
    try {
      return run.prefilled(step, outputs);
    } catch (LostChunksException e) {
      run.close();
      run = null;
      lost.addAll(e.chunks());
      continuePrompt();
      return Optional.empty();
    }
  }

  private void continuePrompt() {
    try {
      prepare();
    } catch (KvExhaustedException e) {
      // Not prepared: the scheduler calls prepare() when other requests have released memory.
    }
  }

  /** Whether chunks were lost, so that steps were repeated. */
  boolean repeated() {
    return !leases.isEmpty();
  }

  PromptRun run() {
    return run;
  }

  @Override
  public void close() {
    if (capture != null) {
      capture.close();
      capture = null;
    }
    if (run != null) {
      run.close();
      run = null;
    }
    leases.forEach(ChunkStore.Lease::close);
    leases.clear();
  }
}
