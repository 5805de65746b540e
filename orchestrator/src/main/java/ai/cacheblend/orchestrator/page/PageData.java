package ai.cacheblend.orchestrator.page;

import static j2html.TagCreator.a;

import ai.cacheblend.orchestrator.records.ArmRun;
import ai.cacheblend.orchestrator.records.Json;
import ai.cacheblend.orchestrator.records.Measure;
import ai.cacheblend.orchestrator.records.Sample;
import ai.cacheblend.orchestrator.records.Trial;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import j2html.tags.specialized.ATag;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/** The data of a page as JSON, in a download link. A data URI needs no script. */
final class PageData {
  static final String ID = "data";
  private static final String RESULT = "result.json";

  private PageData() {}

  static ATag link(List<NamedResult> runs) {
    String encoded =
        Base64.getEncoder()
            .encodeToString(Json.pretty(json(runs)).getBytes(StandardCharsets.UTF_8));
    return a("Save the data of this page as JSON")
        .withHref("data:application/json;base64," + encoded)
        .attr("download", "cacheblend.json")
        .withId(ID);
  }

  /** {@code result.json} of each run, and the TTFT and score of every measurement. */
  static ObjectNode json(List<NamedResult> runs) {
    ObjectNode json = Json.object();
    ArrayNode array = json.putArray("runs");
    for (NamedResult run : runs) {
      ObjectNode entry = array.addObject().put("name", run.name());
      entry.set("result", Json.read(run.run().header().folder().resolve(RESULT)));
      run.ttft().forEach(ttft -> ttft.trials().forEach(t -> add(entry.withArray("trials"), t)));
      run.quality()
          .forEach(
              quality ->
                  quality
                      .samples()
                      .forEach(s -> add(entry.withArray("samples"), s, quality.metric())));
    }
    return json;
  }

  private static void add(ArrayNode array, Trial trial) {
    for (ArmRun run : trial.armRuns()) {
      ObjectNode row = array.addObject();
      row.put("phase", trial.phase().key());
      row.put("length", trial.length());
      row.put("trial", trial.trial());
      row.put("arm", run.arm());
      row.put("valid", trial.valid());
      row.put("started_at", run.startedAt().toString());
      run.seconds(Measure.CLIENT_TTFT)
          .ifPresent(s -> row.set(Measure.CLIENT_TTFT.key(), Json.number(s)));
    }
  }

  private static void add(ArrayNode array, Sample sample, String metric) {
    for (ArmRun run : sample.armRuns()) {
      ObjectNode row = array.addObject();
      row.put("id", sample.id());
      row.put("arm", run.arm());
      row.put("valid", sample.valid());
      run.score().ifPresent(score -> row.set("score", Json.number(score.byMetric().get(metric))));
      row.put("text", run.text());
    }
  }
}
