package ai.cacheblend.worker.engine;

/**
 * Stored KV that a reset dropped. What running requests use is freed with them.
 *
 * @param chunkCount stored chunks
 * @param chunkByteCount their bytes
 * @param prefixBlockCount cached blocks of prompts
 */
public record ResetResult(int chunkCount, long chunkByteCount, long prefixBlockCount) {}
