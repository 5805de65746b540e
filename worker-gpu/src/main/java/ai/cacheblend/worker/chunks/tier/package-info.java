/** Tiers of stored chunks below the device: KV in host memory, and storage behind it. */
package ai.cacheblend.worker.chunks.tier;
