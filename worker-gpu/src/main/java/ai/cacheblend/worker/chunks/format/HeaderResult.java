package ai.cacheblend.worker.chunks.format;

/** A verified header, or the reason why there is none. */
public sealed interface HeaderResult permits ChunkHeader, Rejection {}
