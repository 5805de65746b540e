/** Reads what runs wrote: one object per folder, nothing computed that is in the files. */
package ai.cacheblend.orchestrator.results;
