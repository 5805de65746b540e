package ai.cacheblend.orchestrator.page;

/**
 * One condition for trusting the statistics of a report.
 *
 * @param name of the condition
 * @param finding what was measured, with its limit
 */
record TrustCheck(String name, boolean holds, String finding) {
  String symbol() {
    return holds ? "✓" : "!";
  }

  String styleClass() {
    return holds ? "holds" : "doubt";
  }
}
