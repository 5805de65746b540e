package ai.cacheblend.orchestrator.records;

import ai.cacheblend.orchestrator.client.LayerScores;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.primitives.ImmutableIntArray;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads and writes {@code example.json}. */
public final class ExampleFile {
  public static final String NAME = "example.json";

  private ExampleFile() {}

  /** Writes the file. Without examples, removes the file of an earlier run. */
  public static void write(Path folder, List<Example> examples) {
    Path file = folder.resolve(NAME);
    if (examples.isEmpty()) {
      Json.removeFile(file);
      return;
    }
    ObjectNode json = Json.object();
    json.put(RecordFormat.FIELD, RecordFormat.VERSION);
    ArrayNode array = json.putArray("examples");
    examples.forEach(example -> array.add(json(example)));
    Json.writeFile(file, Json.line(json) + "\n");
  }

  /** The examples of a folder; none if it has no such file. */
  static List<Example> read(Path folder) {
    Path file = folder.resolve(NAME);
    if (!Files.exists(file)) {
      return List.of();
    }
    JsonValue json = JsonValue.file(file);
    RecordFormat.require(json);
    return json.list("examples", ExampleFile::read);
  }

  private static ObjectNode json(Example example) {
    ObjectNode json = Json.object();
    json.put("label", example.label());
    ArrayNode segments = json.putArray("segments");
    for (Example.Segment segment : example.segments()) {
      ObjectNode of = segments.addObject();
      of.put("cached", segment.cached());
      of.set("token_ids", Json.ints(segment.tokenIds().asList()));
      of.set("pieces", Json.strings(segment.pieces()));
    }
    ObjectNode arms = json.putObject("arms");
    example
        .arms()
        .forEach(
            (name, selection) -> {
              ObjectNode of = arms.putObject(name);
              of.set("active_positions", Json.ints(selection.activePositions()));
              ArrayNode layers = of.putArray("layers");
              selection.layerScores().forEach(scores -> layers.add(layer(scores)));
            });
    return json;
  }

  private static ObjectNode layer(LayerScores scores) {
    ObjectNode json = Json.object();
    json.put("layer", scores.layer());
    ArrayNode positions = json.putArray("positions");
    ArrayNode values = json.putArray("scores");
    scores.rows().forEach(row -> positions.add(row.position()));
    scores.rows().forEach(row -> values.add(Json.number((float) row.score())));
    return json;
  }

  private static Example read(JsonValue json) {
    return new Example(
        json.text("label"),
        json.list("segments", ExampleFile::segment),
        json.map("arms", ExampleFile::selection));
  }

  private static Example.Segment segment(JsonValue json) {
    return new Example.Segment(
        json.bool("cached"),
        ImmutableIntArray.copyOf(json.list("token_ids", JsonValue::integer)),
        json.list("pieces", JsonValue::text));
  }

  private static Example.Selection selection(JsonValue json) {
    return new Example.Selection(
        json.list("active_positions", JsonValue::integer), json.list("layers", ExampleFile::layer));
  }

  private static LayerScores layer(JsonValue json) {
    List<Integer> positions = json.list("positions", JsonValue::integer);
    List<Double> scores = json.list("scores", JsonValue::number);
    List<LayerScores.RowScore> rows = new ArrayList<>();
    for (int i = 0; i < positions.size(); i++) {
      rows.add(new LayerScores.RowScore(positions.get(i), scores.get(i)));
    }
    return new LayerScores(json.integer("layer"), rows);
  }
}
