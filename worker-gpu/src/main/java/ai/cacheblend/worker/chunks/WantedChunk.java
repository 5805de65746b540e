package ai.cacheblend.worker.chunks;

/** A chunk of a prompt. */
public record WantedChunk(ChunkKey key, int tokenCount) {}
