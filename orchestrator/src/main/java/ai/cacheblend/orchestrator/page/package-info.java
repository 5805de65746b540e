/** The report of finished runs: one self-contained HTML page. */
package ai.cacheblend.orchestrator.page;
