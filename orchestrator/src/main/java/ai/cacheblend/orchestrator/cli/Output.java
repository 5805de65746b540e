package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.console.Progress;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where results go, and how progress is shown.
 *
 * @param folder for the records; empty if none are kept
 * @param resume continues the run in the folder
 */
record Output(Optional<Path> folder, boolean resume, Progress.Style style) {}
