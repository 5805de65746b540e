package ai.cacheblend.orchestrator.plan;

/** An invalid plan. The message is one line: field, value, remedy. */
public final class PlanException extends RuntimeException {
  public PlanException(String message) {
    super(message);
  }

  /** Throws with {@code message} unless {@code holds}. */
  public static void require(boolean holds, String message) {
    if (!holds) {
      throw new PlanException(message);
    }
  }
}
