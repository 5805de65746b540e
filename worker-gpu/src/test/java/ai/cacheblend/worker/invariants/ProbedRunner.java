package ai.cacheblend.worker.invariants;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.worker.model.ModelRunner;
import ai.cacheblend.worker.model.StepInput;
import ai.cacheblend.worker.model.StepOutput;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Runs a model and keeps, of every step, all logits of its last row and the KV after it. */
final class ProbedRunner implements ModelRunner {
  /** One step of a sequence. */
  record Step(StepInput input, StepOutput output, KvImage kv) {
    double[] logits() {
      return output.logits().orElseThrow().values().toArray();
    }
  }

  private final ModelRunner model;
  private final ProbedMemory memory;
  private final List<Step> steps = new CopyOnWriteArrayList<>();

  ProbedRunner(ModelRunner model, ProbedMemory memory) {
    this.model = model;
    this.memory = memory;
  }

  @Override
  public StepOutput run(StepInput input) {
    StepOutput output =
        model.run(
            new StepInput(
                input.sequence(),
                input.tokenIds(),
                input.positions(),
                input.keepCounts(),
                input.compareKeys(),
                true,
                true,
                input.scoredLayers()));
    // What the host has counted, and what the graph has kept.
    assertThat(memory.activeRowCount(input.sequence()))
        .isEqualTo(output.activePositions().length());
    int end = input.positions().get(input.positions().count() - 1) + 1;
    steps.add(new Step(input, output, memory.image(input.sequence(), end)));
    return output;
  }

  /** What ran since the last call. */
  List<Step> takeSteps() {
    List<Step> taken = List.copyOf(steps);
    steps.clear();
    return taken;
  }

  /** The model outlives its probes. */
  @Override
  public void close() {}
}
