package ai.cacheblend.orchestrator.page;

import ai.cacheblend.orchestrator.records.ArmRun;

/**
 * Rows of a prompt in an arm.
 *
 * @param prompt all rows
 * @param cached rows with stored KV
 * @param active rows that are computed to the last layer
 */
record PromptRows(int prompt, int cached, int active) {
  static PromptRows of(ArmRun run) {
    return new PromptRows(run.promptRowCount(), run.cachedRowCount(), run.activeRowCount());
  }

  int uncached() {
    return prompt - cached;
  }
}
