/** Finished runs as CSV: a header, then one line per arm, trial or answer. */
package ai.cacheblend.orchestrator.csv;
