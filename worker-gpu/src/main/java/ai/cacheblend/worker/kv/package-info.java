/** KV memory: pools, sequences and stored chunks as interfaces, and their native owners. */
package ai.cacheblend.worker.kv;
