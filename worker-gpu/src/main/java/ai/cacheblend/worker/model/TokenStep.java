package ai.cacheblend.worker.model;

import ai.cacheblend.worker.kv.NativeStepTokens;
import java.util.ArrayList;
import java.util.List;

/**
 * A step with next tokens, in the order of the graph.
 *
 * @param results without their tokens
 * @param tokens of the first sequences; arrive when the step ends
 */
record TokenStep(List<SequenceResult> results, NativeStepTokens tokens) implements RunningStep {
  @Override
  public boolean ended() {
    return tokens.arrived();
  }

  @Override
  public List<SequenceResult> await() {
    long[] ids;
    try {
      ids = tokens.await();
    } catch (IllegalStateException e) {
      throw new ModelFailureException("the step failed on the device: " + e.getMessage(), e);
    }
    List<SequenceResult> complete = new ArrayList<>(results);
    for (int s = 0; s < ids.length; s++) {
      complete.set(s, results.get(s).withNextToken((int) ids[s]));
    }
    return complete;
  }
}
