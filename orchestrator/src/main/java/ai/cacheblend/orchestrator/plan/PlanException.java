package ai.cacheblend.orchestrator.plan;

/** A plan that cannot be carried out. The message is one line: field, value, remedy. */
public final class PlanException extends RuntimeException {
  public PlanException(String message) {
    super(message);
  }

  /** Refuses with {@code message} unless {@code holds}. */
  public static void require(boolean holds, String message) {
    if (!holds) {
      throw new PlanException(message);
    }
  }
}
