package ai.cacheblend.worker.engine;

import com.google.common.primitives.ImmutableIntArray;
import java.util.List;

/**
 * Chunks of a prompt were stored, but their KV did not reach the device: the prompt starts again
 * after they have been computed.
 */
@SuppressWarnings("serial") // never serialized
final class LostChunksException extends RuntimeException {
  private final List<ImmutableIntArray> chunks;

  LostChunksException(List<ImmutableIntArray> chunks) {
    super(chunks.size() + " chunks are lost", null, false, false);
    this.chunks = List.copyOf(chunks);
  }

  /** Token ids. */
  List<ImmutableIntArray> chunks() {
    return chunks;
  }
}
