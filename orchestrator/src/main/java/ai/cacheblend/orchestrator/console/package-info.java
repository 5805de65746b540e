/** What the terminal shows: tables of results, and progress. Computes nothing. */
package ai.cacheblend.orchestrator.console;
