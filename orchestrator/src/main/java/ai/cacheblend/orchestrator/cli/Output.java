package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.console.Progress;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where a run goes, and how much is told of it meanwhile.
 *
 * @param folder for the records; empty if none are kept
 * @param resume goes on with the run in the folder
 */
record Output(Optional<Path> folder, boolean resume, Progress.Style style) {}
