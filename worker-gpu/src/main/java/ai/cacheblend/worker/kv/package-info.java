/**
 * KV memory of running sequences and stored chunks: Java owners of what the native library holds.
 * Graphs name a sequence by its handle.
 */
package ai.cacheblend.worker.kv;
