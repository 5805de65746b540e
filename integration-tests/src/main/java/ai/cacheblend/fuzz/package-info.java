/**
 * Sends hostile requests to a worker and checks that it refuses them and serves others meanwhile.
 */
package ai.cacheblend.fuzz;
