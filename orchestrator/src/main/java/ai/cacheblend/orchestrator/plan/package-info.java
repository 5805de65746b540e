/**
 * Plans of runs: immutable, validated before any work, and written into the result. Also the text
 * and JSON forms of arms, and the defaults.
 */
package ai.cacheblend.orchestrator.plan;
