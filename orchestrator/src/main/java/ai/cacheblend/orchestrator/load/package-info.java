/**
 * Generates load: schedules requests, sends them to workers, and summarizes what became of them.
 */
package ai.cacheblend.orchestrator.load;
