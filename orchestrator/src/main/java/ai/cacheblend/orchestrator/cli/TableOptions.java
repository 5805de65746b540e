package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.console.Columns;
import picocli.CommandLine.Option;

/** Display of tables. */
final class TableOptions {
  @Option(
      names = "--wide",
      description = "Show every column of the tables, which may exceed 80 characters.")
  private boolean wide;

  Columns columns() {
    return wide ? Columns.ALL : Columns.STANDARD;
  }
}
