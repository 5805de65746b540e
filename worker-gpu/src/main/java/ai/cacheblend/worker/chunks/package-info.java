/** Stored chunks: keys, byte budget, leases and eviction. */
package ai.cacheblend.worker.chunks;
