/** Predicts TTFT with stored KV that is loaded from storage, from a finished TTFT run. */
package ai.cacheblend.orchestrator.tiers;
