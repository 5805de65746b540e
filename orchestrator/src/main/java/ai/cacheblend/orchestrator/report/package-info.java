/** Results as tables, JSON and progress lines; computes nothing. */
package ai.cacheblend.orchestrator.report;
