package ai.cacheblend.orchestrator.cli;

/** A command that runs the blocks of a plan; blocks may end without a valid result. */
interface RunCommand {}
