package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.console.Columns;
import ai.cacheblend.orchestrator.console.Progress;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where results go, and how progress and tables are shown.
 *
 * @param folder for the records; empty if none are kept
 * @param resume continues the run in the folder
 * @param columns of the tables
 */
record Output(Optional<Path> folder, boolean resume, Progress.Style style, Columns columns) {}
