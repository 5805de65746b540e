/** Terminal output: tables of results, and progress. Formats only; computes no statistics. */
package ai.cacheblend.orchestrator.console;
