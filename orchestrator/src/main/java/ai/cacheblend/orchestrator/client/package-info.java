/** Calls workers and times their answers; the only package that knows the wire format. */
package ai.cacheblend.orchestrator.client;
