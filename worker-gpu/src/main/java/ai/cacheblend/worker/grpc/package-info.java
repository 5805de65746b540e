/**
 * Decodes calls, makes them of the engine, encodes its answers; the one place that maps failures to
 * statuses.
 */
package ai.cacheblend.worker.grpc;
