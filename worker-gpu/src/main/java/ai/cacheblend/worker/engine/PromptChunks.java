package ai.cacheblend.worker.engine;

import ai.cacheblend.worker.blend.Arm;
import ai.cacheblend.worker.chunks.ChunkKey;
import ai.cacheblend.worker.chunks.ChunkStore;
import ai.cacheblend.worker.kv.KvSequence;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The stored chunks of one prompt, leased until closed. */
final class PromptChunks implements AutoCloseable {
  private record Leased(CheckResult.Chunk chunk, ChunkStore.Lease lease) {}

  private final List<Leased> chunks = new ArrayList<>();

  private PromptChunks() {}

  /** Leases the cached segments, unless the arm reads none. Leases all of them or none. */
  static PromptChunks lease(
      Prompt prompt,
      Arm arm,
      Function<ImmutableIntArray, ChunkKey> keyOf,
      ChunkStore store,
      ChunkStore.Use use) {
    PromptChunks leased = new PromptChunks();
    try {
      if (arm.readsChunks()) {
        leased.leaseAll(prompt, keyOf, store, use);
      }
      return leased;
    } catch (Throwable t) {
      leased.close();
      throw t;
    }
  }

  private void leaseAll(
      Prompt prompt,
      Function<ImmutableIntArray, ChunkKey> keyOf,
      ChunkStore store,
      ChunkStore.Use use) {
    int position = 0;
    for (int i = 0; i < prompt.segments().size(); i++) {
      Prompt.Segment segment = prompt.segments().get(i);
      int tokenCount = segment.tokenIds().length();
      if (segment.cached()) {
        ChunkKey key = keyOf.apply(segment.tokenIds());
        Optional<ChunkStore.Lease> lease = store.lease(key, use);
        if (lease.isEmpty()) {
          throw new WorkerException(
              FailureKind.UNKNOWN_CHUNK,
              String.format(
                  "segments[%d] is cached, but its chunk of %d tokens (key %s) is not stored; call"
                      + " Collect with it first",
                  i, tokenCount, key));
        }
        chunks.add(new Leased(new CheckResult.Chunk(i, key, position, tokenCount), lease.get()));
      }
      position += tokenCount;
    }
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
