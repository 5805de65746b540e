/** Runs plans on workers: prompts, trials, verification, scores. */
package ai.cacheblend.orchestrator.run;
