package ai.cacheblend.worker.model;

import ai.cacheblend.worker.kv.NativeStepTokens;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** The next tokens of the two newest steps that have some. Single thread. */
final class StepTokens implements AutoCloseable {
  private final List<NativeStepTokens> memories;

  /** Steps with tokens so far. They use the memories alternately. */
  private long stepCount;

  /** Index of each sequence among the tokens of the newest step. */
  private Map<Long, Integer> indexes = Map.of();

  StepTokens(OptionalInt cudaOrdinal) {
    memories = List.of(NativeStepTokens.create(cudaOrdinal), NativeStepTokens.create(cudaOrdinal));
  }

  /** Of the step that is launched next, in the order of the graph. */
  TokenLinks links(Step step) {
    return new TokenLinks(
        step.isProbe() ? 0 : memory(stepCount).handle(), memory(stepCount + 1).handle(), indexes);
  }

  /** After a step with tokens was launched: its memory. */
  NativeStepTokens launched(Step step) {
    NativeStepTokens computed = memory(stepCount++);
    int count = step.continuingCount();
    Map<Long, Integer> newest = new HashMap<>(2 * count);
    for (int s = 0; s < count; s++) {
      newest.put(step.sequences().get(s).handle(), s);
    }
    indexes = newest;
    return computed;
  }

  private NativeStepTokens memory(long step) {
    return memories.get((int) (step % memories.size()));
  }

  @Override
  public void close() {
    memories.forEach(NativeStepTokens::close);
  }
}
