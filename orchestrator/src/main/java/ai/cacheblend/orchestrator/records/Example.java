package ai.cacheblend.orchestrator.records;

import ai.cacheblend.orchestrator.client.LayerScores;
import com.google.common.primitives.ImmutableIntArray;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A prompt of a run, token by token, and the rows that each blending arm recomputes.
 *
 * @param label for example {@code 512 tokens}
 * @param segments the whole prompt, in order
 * @param arms by name
 */
public record Example(String label, List<Segment> segments, Map<String, Selection> arms) {

  /**
   * A part of the prompt.
   *
   * @param cached whether it is a chunk whose KV is reused
   * @param pieces text of each token. Empty for special tokens, and for all but the first of the
   *     tokens that form one character
   */
  public record Segment(boolean cached, ImmutableIntArray tokenIds, List<String> pieces) {
    public Segment {
      pieces = List.copyOf(pieces);
      if (pieces.size() != tokenIds.length()) {
        throw new IllegalArgumentException(
            "segment has " + pieces.size() + " pieces and " + tokenIds.length() + " token ids");
      }
    }
  }

  /**
   * Rows that an arm computes.
   *
   * @param activePositions rows that are computed up to the last layer, ascending
   * @param layerScores deviations by check layer; empty for selectors without a check
   */
  public record Selection(List<Integer> activePositions, List<LayerScores> layerScores) {
    public Selection {
      activePositions = List.copyOf(activePositions);
      layerScores = List.copyOf(layerScores);
    }

    /** Deviation by position, at the last check layer that included the row. */
    public Map<Integer, Double> scores() {
      Map<Integer, Double> scores = new TreeMap<>();
      layerScores.forEach(
          layer -> layer.rows().forEach(row -> scores.put(row.position(), row.score())));
      return scores;
    }
  }

  public Example {
    segments = List.copyOf(segments);
    arms = Collections.unmodifiableMap(new LinkedHashMap<>(arms));
  }

  public int tokenCount() {
    return segments.stream().mapToInt(segment -> segment.pieces().size()).sum();
  }
}
