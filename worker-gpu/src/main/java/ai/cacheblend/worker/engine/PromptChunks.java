package ai.cacheblend.worker.engine;

import ai.cacheblend.worker.blend.Arm;
import ai.cacheblend.worker.chunks.ChunkKey;
import ai.cacheblend.worker.chunks.ChunkKeys;
import ai.cacheblend.worker.chunks.ChunkStore;
import ai.cacheblend.worker.kv.KvSequence;
import java.util.ArrayList;
import java.util.List;

/** The stored chunks of one prompt, leased until closed. */
final class PromptChunks implements AutoCloseable {
  private record Leased(CheckResult.Chunk chunk, ChunkStore.Lease lease) {}

  private final List<Leased> chunks = new ArrayList<>();

  /** Leases what the arm reads; a segment that was not collected is named. */
  static PromptChunks lease(
      Prompt prompt, Arm arm, ChunkKeys keys, ChunkStore store, ChunkStore.Use use) {
    PromptChunks leased = new PromptChunks();
    if (!arm.readsChunks()) {
      return leased;
    }
    int position = 0;
    for (int i = 0; i < prompt.segments().size(); i++) {
      Prompt.Segment segment = prompt.segments().get(i);
      int tokenCount = segment.tokenIds().length();
      if (segment.cached()) {
        ChunkKey key = keys.of(segment.tokenIds());
        ChunkStore.Lease lease = store.lease(key, use).orElse(null);
        if (lease == null) {
          leased.close();
          throw new WorkerException(
              FailureKind.UNKNOWN_CHUNK,
              String.format(
                  "segments[%d] is cached, but its chunk of %d tokens (key %s) is not stored; call Collect with it"
                      + " first",
                  i, tokenCount, key));
        }
        leased.chunks.add(new Leased(new CheckResult.Chunk(i, key, position, tokenCount), lease));
      }
      position += tokenCount;
    }
    return leased;
  }

  void injectInto(KvSequence sequence) {
    chunks.forEach(leased -> sequence.inject(leased.lease().kv(), leased.chunk().firstPosition()));
  }

  List<CheckResult.Chunk> descriptions() {
    return chunks.stream().map(Leased::chunk).toList();
  }

  @Override
  public void close() {
    chunks.forEach(leased -> leased.lease().close());
    chunks.clear();
  }
}
