package ai.cacheblend.orchestrator.console;

/** The columns of a table. */
public enum Columns {
  /** Columns that fit into 80 characters. */
  STANDARD,
  /** Every column. */
  ALL;

  static final int TERMINAL_WIDTH = 80;

  int width() {
    return this == STANDARD ? TERMINAL_WIDTH : Integer.MAX_VALUE;
  }
}
