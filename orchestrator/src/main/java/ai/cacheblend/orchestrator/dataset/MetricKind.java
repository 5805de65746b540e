package ai.cacheblend.orchestrator.dataset;

/** How the answers of a task are scored. */
public enum MetricKind {
  WORD_F1,
  ROUGE_L
}
