/** Tier of chunks on a server that speaks the Redis protocol, shared by workers. */
package ai.cacheblend.worker.chunks.store;
