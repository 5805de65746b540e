/** Calls workers and times their answers; the only package that uses the gRPC contract. */
package ai.cacheblend.orchestrator.client;
