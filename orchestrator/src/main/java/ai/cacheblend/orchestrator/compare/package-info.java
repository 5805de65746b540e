/** Compares two runs: facts that differ, and tests of the differences of their measurements. */
package ai.cacheblend.orchestrator.compare;
