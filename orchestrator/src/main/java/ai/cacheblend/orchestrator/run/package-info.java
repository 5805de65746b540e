/** Carries out a plan on the workers: prompts, trials, verification, scores; presents nothing. */
package ai.cacheblend.orchestrator.run;
