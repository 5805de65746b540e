package ai.cacheblend.worker.chunks;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Locale;

/** Names the KV of a chunk: a hexadecimal SHA-256. */
public record ChunkKey(String hex) {
  public ChunkKey {
    hex = hex.toLowerCase(Locale.ROOT);
    checkArgument(
        hex.matches("[0-9a-f]{64}"),
        "chunk key is \"%s\"; give 64 hexadecimal digits as Collect returned",
        hex);
  }

  @Override
  public String toString() {
    return hex;
  }
}
