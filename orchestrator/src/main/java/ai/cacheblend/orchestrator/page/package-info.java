/** The report of finished runs: one HTML page that needs nothing but itself. */
package ai.cacheblend.orchestrator.page;
