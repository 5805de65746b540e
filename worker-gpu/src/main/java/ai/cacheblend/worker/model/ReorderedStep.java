package ai.cacheblend.worker.model;

import com.google.common.primitives.ImmutableIntArray;
import java.util.List;

/**
 * A step whose sequences were sorted for the graph.
 *
 * @param ordered the step in the order of the graph
 * @param order index of each of its sequences in the step
 */
record ReorderedStep(RunningStep ordered, ImmutableIntArray order) implements RunningStep {
  @Override
  public boolean ended() {
    return ordered.ended();
  }

  @Override
  public List<SequenceResult> await() {
    List<SequenceResult> results = ordered.await();
    SequenceResult[] inOrder = new SequenceResult[results.size()];
    for (int i = 0; i < inOrder.length; i++) {
      inOrder[order.get(i)] = results.get(i);
    }
    return List.of(inOrder);
  }
}
