package ai.cacheblend.worker.model;

/** What a step returns of the rows that were active to the last layer. */
public enum ActiveRows {
  NOTHING,
  COUNT,
  /** Count and positions. */
  POSITIONS
}
