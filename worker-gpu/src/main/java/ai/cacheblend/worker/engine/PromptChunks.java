package ai.cacheblend.worker.engine;

import ai.cacheblend.worker.blend.Arm;
import ai.cacheblend.worker.chunks.ChunkKey;
import ai.cacheblend.worker.chunks.ChunkLocation;
import ai.cacheblend.worker.chunks.ChunkStore;
import ai.cacheblend.worker.chunks.ChunkTiers;
import ai.cacheblend.worker.chunks.HeldChunk;
import ai.cacheblend.worker.chunks.WantedChunk;
import ai.cacheblend.worker.chunks.tier.TierKind;
import ai.cacheblend.worker.kv.KvSequence;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/** The stored chunks of one prompt, leased until closed. */
final class PromptChunks implements AutoCloseable {
  private record Leased(CheckResult.Chunk chunk, ImmutableIntArray tokenIds, HeldChunk held) {}

  private final List<Leased> chunks = new ArrayList<>();

  private PromptChunks() {}

  /**
   * Leases the cached segments, unless the arm reads none. Leases all of them or none. Chunks that
   * are not on the device are on their way there.
   *
   * @throws LostChunksException if a tier has a chunk, but it cannot be loaded
   */
  static PromptChunks lease(
      Prompt prompt,
      Arm arm,
      Function<ImmutableIntArray, ChunkKey> keyOf,
      ChunkTiers tiers,
      ChunkStore.Use use,
      OptionalLong loadBytesPerSecond) {
    PromptChunks leased = new PromptChunks();
    if (!arm.readsChunks()) {
      return leased;
    }
    List<CheckResult.Chunk> segments = segments(prompt, keyOf);
    List<Optional<HeldChunk>> held =
        tiers.hold(
            segments.stream()
                .map(chunk -> new WantedChunk(chunk.key(), chunk.tokenCount()))
                .toList(),
            use,
            loadBytesPerSecond);
    Map<ChunkKey, CheckResult.Chunk> missing = new LinkedHashMap<>();
    for (int i = 0; i < segments.size(); i++) {
      CheckResult.Chunk chunk = segments.get(i);
      held.get(i)
          .ifPresentOrElse(
              lease -> leased.chunks.add(new Leased(chunk, tokenIds(prompt, chunk), lease)),
              () -> missing.putIfAbsent(chunk.key(), chunk));
    }
    if (!missing.isEmpty()) {
      leased.close();
      throw missing(prompt, missing.values(), tiers);
    }
    return leased;
  }

  private static List<CheckResult.Chunk> segments(
      Prompt prompt, Function<ImmutableIntArray, ChunkKey> keyOf) {
    List<CheckResult.Chunk> segments = new ArrayList<>();
    int position = 0;
    for (int i = 0; i < prompt.segments().size(); i++) {
      Prompt.Segment segment = prompt.segments().get(i);
      int tokenCount = segment.tokenIds().length();
      if (segment.cached()) {
        segments.add(
            new CheckResult.Chunk(i, keyOf.apply(segment.tokenIds()), position, tokenCount));
      }
      position += tokenCount;
    }
    return segments;
  }

  private static ImmutableIntArray tokenIds(Prompt prompt, CheckResult.Chunk chunk) {
    return prompt.segments().get(chunk.segmentIndex()).tokenIds();
  }

  private static RuntimeException missing(
      Prompt prompt, Collection<CheckResult.Chunk> chunks, ChunkTiers tiers) {
    List<ImmutableIntArray> lost = new ArrayList<>();
    for (CheckResult.Chunk chunk : chunks) {
      if (!tiers.knows(chunk.key())) {
        return new WorkerException(
            FailureKind.UNKNOWN_CHUNK,
            String.format(
                "segments[%d] is cached, but its chunk of %d tokens (key %s) is not stored; call"
                    + " Collect with it first",
                chunk.segmentIndex(), chunk.tokenCount(), chunk.key()));
      }
      lost.add(tokenIds(prompt, chunk));
    }
    return new LostChunksException(lost);
  }

  void injectInto(KvSequence sequence) {
    chunks.forEach(leased -> sequence.inject(leased.held().kv(), leased.chunk().firstPosition()));
  }

  /**
   * After a step that reads the chunks.
   *
   * @throws LostChunksException if KV was missing: the result of the step is wrong
   */
  void verifyLoaded() {
    List<ImmutableIntArray> lost =
        chunks.stream()
            .filter(leased -> leased.held().lost())
            .map(Leased::tokenIds)
            .distinct()
            .toList();
    if (!lost.isEmpty()) {
      throw new LostChunksException(lost);
    }
  }

  List<CheckResult.Chunk> descriptions() {
    return chunks.stream().map(Leased::chunk).toList();
  }

  /** Rows of the chunks by the tier that they were in when the prompt began. */
  Map<TierKind, Integer> rowCounts() {
    Map<TierKind, Integer> counts = new EnumMap<>(TierKind.class);
    chunks.forEach(
        leased ->
            counts.merge(
                leased.held().location().tier(), leased.chunk().tokenCount(), Integer::sum));
    return counts;
  }

  /** Where the chunks were, each once. */
  Collection<ChunkLocation> locations() {
    Map<ChunkKey, ChunkLocation> locations = new LinkedHashMap<>();
    chunks.forEach(leased -> locations.put(leased.chunk().key(), leased.held().location()));
    return locations.values();
  }

  /** From the begin of the prompt until its chunks were on the device. */
  long loadNanos() {
    return chunks.stream().mapToLong(leased -> leased.held().loadNanos()).max().orElse(0);
  }

  @Override
  public void close() {
    chunks.forEach(leased -> leased.held().close());
    chunks.clear();
  }
}
