package ai.cacheblend.worker.forecast;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.cacheblend.worker.blend.Arm;
import ai.cacheblend.worker.blend.LayerWork;
import ai.cacheblend.worker.blend.PromptLayout;
import ai.cacheblend.worker.blend.PromptLayout.Span;
import ai.cacheblend.worker.blend.RowPlanner;
import ai.cacheblend.worker.blend.Selector;
import ai.cacheblend.worker.blend.Selector.CheckStep;
import ai.cacheblend.worker.chunks.ChunkKey;
import ai.cacheblend.worker.chunks.ChunkLocation;
import ai.cacheblend.worker.chunks.tier.TierKind;
import ai.cacheblend.worker.forecast.LoadController.Chunk;
import com.google.common.io.Resources;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A line of a file of {@code forecast}; see the README there. */
record RecordedLoad(
    String run,
    int tokens,
    String arm,
    int computedChunks,
    Optional<Double> ratio,
    long ttftMicros,
    long waitMicros,
    long loadMicros) {
  static final RowPlanner PLANNER = new RowPlanner(List.of(1), 32);
  static final Arm.CacheBlend BLEND =
      new Arm.CacheBlend(
          new Selector.Deviation(Selector.Tensor.VALUE, List.of(new CheckStep(1, .15))), true);

  private static final int CHUNK_TOKENS = 512;
  private static final int SUFFIX_TOKENS = 32;
  private static final long BYTES_PER_TOKEN = 131_072;

  static List<RecordedLoad> all(String file) throws IOException {
    return Resources.readLines(Resources.getResource("forecast/" + file), UTF_8).stream()
        .skip(1)
        .map(RecordedLoad::of)
        .toList();
  }

  private static RecordedLoad of(String line) {
    String[] fields = line.split(",", -1);
    return new RecordedLoad(
        fields[0],
        Integer.parseInt(fields[1]),
        fields[2],
        Integer.parseInt(fields[3]),
        fields[4].isEmpty() ? Optional.empty() : Optional.of(Double.valueOf(fields[4])),
        Long.parseLong(fields[5]),
        Long.parseLong(fields[6]),
        Long.parseLong(fields[7]));
  }

  /** Whether both have the same row counts. */
  boolean sameRows(RecordedLoad other) {
    return tokens == other.tokens
        && computedChunks == other.computedChunks
        && ratio.equals(other.ratio);
  }

  boolean chosen() {
    return run.startsWith("auto");
  }

  /** As in the name of the run; empty in the run without a limit. */
  String limit() {
    return run.contains("-") ? run.substring(run.indexOf('-') + 1) : "";
  }

  List<Chunk> chunks() {
    List<Chunk> chunks = new ArrayList<>();
    int end = tokens - SUFFIX_TOKENS;
    for (int from = 1; from < end; from += CHUNK_TOKENS) {
      Span span = new Span(from, Math.min(end, from + CHUNK_TOKENS));
      long byteCount = BYTES_PER_TOKEN * (span.to() - span.from());
      chunks.add(
          new Chunk(
              new ChunkKey(String.format("%064d", chunks.size())),
              span,
              Optional.of(new ChunkLocation(TierKind.HOST, byteCount, 0))));
    }
    return chunks;
  }

  PromptLayout layout(int computed) {
    List<Chunk> chunks = chunks();
    return new PromptLayout(
        tokens, chunks.subList(computed, chunks.size()).stream().map(Chunk::span).toList());
  }

  List<LayerWork> work() {
    Arm planned =
        ratio.isEmpty()
            ? new Arm.FullPrefill()
            : ratio.get() == 0 ? new Arm.FullKvReuse() : BLEND.withRatio(ratio.get());
    PromptLayout layout = ratio.isEmpty() ? layout(chunks().size()) : layout(computedChunks);
    return PLANNER.layerWork(layout, PLANNER.plan(layout, planned));
  }

  List<ChunkLocation> loads(int computed) {
    List<Chunk> chunks = chunks();
    return chunks.subList(ratio.isEmpty() ? chunks.size() : computed, chunks.size()).stream()
        .map(chunk -> chunk.location().orElseThrow())
        .toList();
  }

  long byteCount() {
    return loads(computedChunks).stream().mapToLong(ChunkLocation::byteCount).sum();
  }
}
