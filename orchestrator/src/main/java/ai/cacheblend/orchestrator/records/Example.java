package ai.cacheblend.orchestrator.records;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A prompt of a run, token by token, and what each blending arm recomputes of it.
 *
 * @param label what the prompt is one of, such as {@code 512 tokens}
 * @param segments in prompt order; their pieces are the whole prompt
 * @param arms by name
 */
public record Example(String label, List<Segment> segments, Map<String, Choice> arms) {

  /**
   * A part of the prompt.
   *
   * @param cached whether it is a chunk whose KV is reused
   * @param pieces text of each token; empty for a token that has none of its own
   */
  public record Segment(boolean cached, List<String> pieces) {
    static Segment of(JsonSource json) {
      return new Segment(json.bool("cached"), json.list("pieces", piece -> piece.node().asText()));
    }
  }

  /**
   * What an arm recomputes.
   *
   * @param activePositions rows that are computed to the last layer, ascending
   * @param scores deviation by position at the last check layer that saw the row; empty for arms
   *     that compare nothing
   */
  public record Choice(List<Integer> activePositions, Map<Integer, Double> scores) {
    static Choice of(JsonSource json) {
      Map<Integer, Double> scores = new TreeMap<>();
      for (JsonSource layer : json.list("layers", layer -> layer)) {
        List<Integer> positions = layer.list("positions", p -> p.node().asInt());
        List<Double> values = layer.list("scores", JsonSource::number);
        for (int i = 0; i < positions.size(); i++) {
          scores.put(positions.get(i), values.get(i));
        }
      }
      return new Choice(json.list("active_positions", p -> p.node().asInt()), scores);
    }
  }

  /** File of a run folder that holds the examples. */
  public static final String FILE = "example.json";

  static List<Example> read(Path folder) {
    Path file = folder.resolve(FILE);
    return Files.exists(file) ? JsonSource.file(file).list("examples", Example::of) : List.of();
  }

  private static Example of(JsonSource json) {
    return new Example(
        json.text("label"), json.list("segments", Segment::of), json.map("arms", Choice::of));
  }

  public int tokenCount() {
    return segments.stream().mapToInt(segment -> segment.pieces().size()).sum();
  }
}
