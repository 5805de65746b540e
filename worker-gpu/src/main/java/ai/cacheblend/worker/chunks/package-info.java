/** Knows which token ids own which stored KV: keys, budget, leases, eviction. */
package ai.cacheblend.worker.chunks;
