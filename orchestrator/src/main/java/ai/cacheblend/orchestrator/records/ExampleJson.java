package ai.cacheblend.orchestrator.records;

import ai.cacheblend.orchestrator.client.LayerScores;
import ai.cacheblend.orchestrator.client.PromptSegment;
import ai.cacheblend.orchestrator.run.ExamplePrompt;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;

/** {@code example.json}: prompts token by token, and what each blending arm recomputes of them. */
public final class ExampleJson {
  private ExampleJson() {}

  /** Writes the file of a run folder; where there is no example, removes that of an earlier run. */
  public static void write(Path folder, List<ExamplePrompt> examples) {
    Path file = folder.resolve(Example.FILE);
    if (examples.isEmpty()) {
      Json.removeFile(file);
    } else {
      Json.writeFile(file, Json.line(of(examples)) + "\n");
    }
  }

  static ObjectNode of(List<ExamplePrompt> examples) {
    ObjectNode json = Json.object();
    ArrayNode array = json.putArray("examples");
    examples.forEach(example -> array.add(example(example)));
    return json;
  }

  private static ObjectNode example(ExamplePrompt example) {
    ObjectNode json = Json.object();
    json.put("label", example.label());
    ArrayNode segments = json.putArray("segments");
    int first = 0;
    for (PromptSegment segment : example.segments()) {
      int end = first + segment.tokenIds().length();
      ObjectNode of = segments.addObject();
      of.put("cached", segment.cached());
      of.set("token_ids", Json.ints(segment.tokenIds().asList()));
      of.set("pieces", Json.strings(example.pieces().subList(first, end)));
      first = end;
    }
    ObjectNode arms = json.putObject("arms");
    for (ExamplePrompt.Choice choice : example.choices()) {
      ObjectNode of = arms.putObject(choice.arm());
      of.set("active_positions", Json.ints(choice.activePositions()));
      ArrayNode layers = of.putArray("layers");
      choice.layerScores().forEach(scores -> layers.add(layer(scores)));
    }
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
}
