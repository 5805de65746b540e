/**
 * A worker without a model: speaks {@code cacheblend.v1} over real gRPC, keeps chunks in memory,
 * counts rows as the contract says, and takes tokens, delays and failures from a script.
 */
package ai.cacheblend.mock;
