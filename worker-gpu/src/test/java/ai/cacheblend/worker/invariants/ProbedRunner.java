package ai.cacheblend.worker.invariants;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.worker.model.ModelRunner;
import ai.cacheblend.worker.model.SequenceResult;
import ai.cacheblend.worker.model.SequenceStep;
import ai.cacheblend.worker.model.Step;
import ai.cacheblend.worker.model.StepOutput;
import com.google.common.collect.Sets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;

/** Runs a model and records, for every sequence of every step, all logits and the KV after it. */
final class ProbedRunner implements ModelRunner {
  /** One sequence in one step. */
  record Probe(SequenceStep input, SequenceResult output, KvImage kv) {
    double[] logits() {
      float[] logits = output.logits().orElseThrow().toArray();
      return IntStream.range(0, logits.length).mapToDouble(i -> logits[i]).toArray();
    }
  }

  private final ModelRunner model;
  private final ProbedMemory memory;
  private final boolean launchesAhead;
  private final List<Probe> probes = new CopyOnWriteArrayList<>();

  /**
   * @param launchesAhead steps are launched before the tokens of the step before are known,
   *     although they end at once
   */
  ProbedRunner(ModelRunner model, ProbedMemory memory, boolean launchesAhead) {
    this.model = model;
    this.memory = memory;
    this.launchesAhead = launchesAhead;
  }

  @Override
  public boolean launchesAhead() {
    return launchesAhead;
  }

  @Override
  public List<SequenceResult> run(Step step) {
    List<SequenceResult> results =
        model.run(new Step(step.sequences().stream().map(ProbedRunner::withProbes).toList()));
    for (int s = 0; s < results.size(); s++) {
      SequenceStep sequence = step.sequences().get(s);
      if (sequence.probe().isPresent()) {
        continue; // a part of the prefill, without outputs
      }
      // The count of the host, and the rows that the graph kept.
      assertThat(memory.activeRowCount(sequence.handle()))
          .isEqualTo(results.get(s).activePositions().length());
      int end = sequence.positions().get(sequence.positions().count() - 1) + 1;
      probes.add(new Probe(sequence, results.get(s), memory.image(sequence.handle(), end)));
    }
    return results;
  }

  private static SequenceStep withProbes(SequenceStep step) {
    return new SequenceStep(
        step.handle(),
        step.tokenIds(),
        step.positions(),
        step.selection(),
        step.probe(),
        Sets.union(step.outputs(), Set.of(StepOutput.LOGITS, StepOutput.ACTIVE_POSITIONS)));
  }

  /** The probes since the last call. */
  List<Probe> takeProbes() {
    List<Probe> taken = List.copyOf(probes);
    probes.clear();
    return taken;
  }

  /** The model outlives its probes. */
  @Override
  public void close() {}
}
