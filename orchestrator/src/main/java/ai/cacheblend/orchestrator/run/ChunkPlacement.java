package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.client.GenerateResult;
import ai.cacheblend.orchestrator.client.PromptSegment;
import ai.cacheblend.orchestrator.client.WorkerClient;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.PromptShape;
import ai.cacheblend.orchestrator.plan.Tier;
import java.util.List;
import java.util.Optional;

/**
 * Moves the chunks of a prompt to a tier of the worker before each arm that reads them, and
 * verifies that they came from there.
 *
 * @param tier empty: chunks stay where they are
 */
record ChunkPlacement(Optional<Tier> tier) {
  /**
   * @param keys of the chunks
   */
  void before(NamedArm arm, WorkerClient worker, List<String> keys) {
    if (arm.arm().readsChunks() && tier.isPresent() && !keys.isEmpty()) {
      worker.demote(keys, tier.get());
    }
  }

  /** Reason if the arm reads chunks, and some that were not computed came from another tier. */
  Optional<String> problem(NamedArm arm, GenerateResult answer, List<PromptSegment> prompt) {
    PromptShape shape = PromptSegment.shapeOf(prompt);
    int tokenCount = shape.computing(answer.load().recomputedSegments()).cachedTokenCount();
    return shape.cachedTokenCount() > 0 && arm.arm().readsChunks()
        ? tier.flatMap(name -> Verification.tierProblem(answer, name, tokenCount))
        : Optional.empty();
  }
}
