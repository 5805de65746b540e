package ai.cacheblend.worker.blend;

import ai.cacheblend.worker.blend.PromptLayout.Span;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** The first rows of the chunks of a prompt. */
final class ChunkHeads {
  /** An eligible row, and its index in its chunk. */
  record Row(int indexInChunk, int position) {}

  private ChunkHeads() {}

  /** This many rows of each chunk. */
  static BitSet ofEach(PromptLayout layout, int rowsPerChunk) {
    BitSet rows = new BitSet();
    for (Span chunk : layout.chunks()) {
      rows.set(chunk.from(), chunk.from() + Math.min(rowsPerChunk, chunk.to() - chunk.from()));
    }
    rows.clear(layout.tokenCount() - 1);
    return rows;
  }

  /** The first eligible row of every chunk, then the second rows, and so on, up to a count. */
  static List<Row> first(PromptLayout layout, int count) {
    return layout.chunks().stream()
        .flatMap(
            chunk ->
                IntStream.range(chunk.from(), chunk.to())
                    .mapToObj(p -> new Row(p - chunk.from(), p)))
        .filter(row -> row.position() < layout.tokenCount() - 1)
        .sorted(Comparator.comparingInt(Row::indexInChunk).thenComparingInt(Row::position))
        .limit(count)
        .toList();
  }
}
