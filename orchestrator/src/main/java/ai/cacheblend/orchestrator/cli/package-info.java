/** The commands: read options, put the parts together, print results. */
package ai.cacheblend.orchestrator.cli;
