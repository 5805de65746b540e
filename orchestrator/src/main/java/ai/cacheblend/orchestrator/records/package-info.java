/** Files that runs write and that are read again: plans, records and results, as JSON. */
package ai.cacheblend.orchestrator.records;
