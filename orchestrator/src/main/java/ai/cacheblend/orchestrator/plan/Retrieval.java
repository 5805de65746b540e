package ai.cacheblend.orchestrator.plan;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

/**
 * Retrieval of the chunks of a prompt: of all chunks of a sample's documents, those whose
 * embeddings have the smallest L2 distance to the question's, in random order.
 *
 * @param count chunks per prompt
 * @param encoder name of the sentence encoder
 */
public record Retrieval(int count, String encoder) {
  /** The only encoder of this build. */
  public static final String ENCODER = "all-MiniLM-L6-v2-q";

  public Retrieval {
    require(count >= 1, "retrieve is " + count + "; use 1 or more");
    require(
        encoder.equals(ENCODER),
        "encoder is " + encoder + ", which this build does not have; use " + ENCODER);
  }

  /** With the encoder of this build. */
  public static Retrieval of(int count) {
    return new Retrieval(count, ENCODER);
  }
}
