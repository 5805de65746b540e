package ai.cacheblend.worker.engine;

import ai.cacheblend.worker.model.AttentionScores;
import ai.cacheblend.worker.model.ModelRunner;
import ai.cacheblend.worker.model.SequenceResult;
import ai.cacheblend.worker.model.SequenceStep;
import ai.cacheblend.worker.model.Step;
import com.google.common.primitives.ImmutableIntArray;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** Returns the handle of each sequence as its next token, and records the handles of each step. */
final class FakeStepRunner implements ModelRunner {
  final List<List<Long>> steps = new CopyOnWriteArrayList<>();
  final AtomicInteger interruptions = new AtomicInteger();
  volatile Consumer<Step> beforeStep = step -> {};

  @Override
  public List<SequenceResult> run(Step step) {
    steps.add(step.sequences().stream().map(SequenceStep::handle).toList());
    beforeStep.accept(step);
    return step.sequences().stream()
        .map(
            sequence ->
                new SequenceResult(
                    (int) sequence.handle(),
                    Optional.empty(),
                    ImmutableIntArray.of(),
                    List.of(),
                    AttentionScores.NONE))
        .toList();
  }

  @Override
  public void interrupt() {
    interruptions.incrementAndGet();
  }

  @Override
  public void close() {}
}
