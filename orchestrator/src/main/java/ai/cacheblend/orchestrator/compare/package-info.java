/**
 * Holds two runs against each other: what differs between them, and what differs in their figures.
 */
package ai.cacheblend.orchestrator.compare;
