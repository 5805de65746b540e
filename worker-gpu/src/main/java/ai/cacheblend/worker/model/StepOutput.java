package ai.cacheblend.worker.model;

/** An output of a step that is copied to the host on request. The next token is always returned. */
public enum StepOutput {
  /** Logits of the last row. */
  LOGITS,
  /** Positions of the rows that are active in the last layer. */
  ACTIVE_POSITIONS,
  /** Scores of the check layers that select rows of the sequence. */
  LAYER_SCORES,
  /** Attention of the cached rows, from an earlier probe of the sequence. */
  ATTENTION
}
