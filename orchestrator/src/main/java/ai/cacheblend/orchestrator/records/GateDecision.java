package ai.cacheblend.orchestrator.records;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * Verdict of a gate.
 *
 * @param verdict {@code pass}, {@code fail}, {@code undecided} or {@code cannot_judge}
 * @param reason of the verdict
 * @param margin largest acceptable loss
 * @param alpha error rate of a pass and of a fail
 * @param samplesToPass samples that a pass needs if no score differs
 * @param interims interim analyses, for reports
 */
public record GateDecision(
    String verdict,
    String reason,
    double margin,
    double alpha,
    long samplesToPass,
    List<Interim> interims) {

  /**
   * One arm at one interim analysis.
   *
   * @param samples number of samples, invalid ones included
   */
  public record Interim(
      String arm, int samples, ScoreDifference armMinusFullPrefill, double identicalShare) {
    static Interim read(JsonValue json) {
      return new Interim(
          json.text("arm"),
          json.integer("samples"),
          ScoreDifference.read(json.get(ScoreDifference.KEY)),
          json.number("identical_share"));
    }

    ObjectNode json() {
      ObjectNode json = Json.object();
      json.put("arm", arm);
      json.put("samples", samples);
      json.set(ScoreDifference.KEY, armMinusFullPrefill.json());
      json.put("identical_share", identicalShare);
      return json;
    }
  }

  public GateDecision {
    interims = List.copyOf(interims);
  }

  static GateDecision read(JsonValue json) {
    return new GateDecision(
        json.text("verdict"),
        json.text("reason"),
        json.number("margin"),
        json.number("alpha"),
        json.longInteger("samples_to_pass"),
        json.list("interim", Interim::read));
  }

  ObjectNode json() {
    ObjectNode json = Json.object();
    json.put("verdict", verdict);
    json.put("reason", reason);
    json.put("margin", margin);
    json.put("alpha", alpha);
    json.put("samples_to_pass", samplesToPass);
    ArrayNode array = json.putArray("interim");
    interims.forEach(interim -> array.add(interim.json()));
    return json;
  }
}
