package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.console.Columns;
import ai.cacheblend.orchestrator.console.Progress;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Destination of the results, and display of progress and tables.
 *
 * @param folder folder of the records; empty if they are not kept
 * @param resume continues the run in the folder
 * @param columns columns of the tables
 */
record Output(Optional<Path> folder, boolean resume, Progress.Style style, Columns columns) {
  boolean showsProgress() {
    return style != Progress.Style.SILENT;
  }
}
