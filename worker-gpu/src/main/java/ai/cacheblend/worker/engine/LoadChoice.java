package ai.cacheblend.worker.engine;

import ai.cacheblend.worker.blend.Arm;
import ai.cacheblend.worker.blend.PromptLayout.Span;
import ai.cacheblend.worker.chunks.ChunkKey;
import ai.cacheblend.worker.chunks.WantedChunk;
import ai.cacheblend.worker.forecast.LoadController;
import ai.cacheblend.worker.forecast.LoadOptions;
import ai.cacheblend.worker.forecast.LoadPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What a request loads.
 *
 * @param prompt whose cached segments are loaded
 * @param recomputedSegments cached segments of the request that are not
 */
record LoadChoice(Prompt prompt, List<Integer> recomputedSegments) {
  /** By the policy of the request, or else of the worker. */
  static LoadChoice of(Resources resources, Prompt prompt, Arm arm, LoadOptions options) {
    if (!arm.readsChunks() || options.policy().orElse(resources.loadPolicy()) == LoadPolicy.LOAD) {
      return new LoadChoice(prompt, List.of());
    }
    List<LoadController.Chunk> chunks = new ArrayList<>();
    List<Integer> segments = new ArrayList<>();
    int position = 0;
    for (int i = 0; i < prompt.segments().size(); i++) {
      Prompt.Segment segment = prompt.segments().get(i);
      int end = position + segment.tokenIds().length();
      if (segment.cached()) {
        ChunkKey key = resources.keys().of(segment.tokenIds());
        chunks.add(
            new LoadController.Chunk(
                key,
                new Span(position, end),
                resources.tiers().locate(new WantedChunk(key, end - position))));
        segments.add(i);
      }
      position = end;
    }
    Set<ChunkKey> recomputed =
        resources.controller().recomputed(prompt.layout(), arm, chunks, options.bytesPerSecond());
    List<Integer> recomputedSegments = new ArrayList<>();
    for (int i = 0; i < chunks.size(); i++) {
      if (recomputed.contains(chunks.get(i).key())) {
        recomputedSegments.add(segments.get(i));
      }
    }
    return new LoadChoice(prompt.computing(recomputedSegments), recomputedSegments);
  }

  /** The arm by which the rows of the prompt are planned. */
  Arm planned(Arm arm) {
    boolean loadsNone = prompt.segments().stream().noneMatch(Prompt.Segment::cached);
    return loadsNone && !recomputedSegments.isEmpty() ? new Arm.FullPrefill() : arm;
  }
}
