/** The commands: read options, construct the parts, print results. */
package ai.cacheblend.orchestrator.cli;
