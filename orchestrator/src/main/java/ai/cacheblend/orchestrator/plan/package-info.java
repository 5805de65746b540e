/** What a run will do: immutable, validated before any work, and written into the result. */
package ai.cacheblend.orchestrator.plan;
