/**
 * A worker without a model. It serves {@code cacheblend.v1} over real gRPC, stores chunk keys in
 * memory and counts rows as the contract requires; a script defines its tokens, delays and faults.
 */
package ai.cacheblend.mock;
