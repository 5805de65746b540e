package ai.cacheblend.orchestrator.jinja;

/** A parsed expression. */
interface Expression {
  /**
   * Its value: null (None), {@link Undefined}, Boolean, Long, Double, String, List, Map or {@link
   * Callable}.
   */
  Object value(Scope scope);
}
