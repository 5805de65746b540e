package ai.cacheblend.orchestrator.records;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;

/**
 * Verdict of a gate.
 *
 * @param verdict {@code pass}, {@code fail}, {@code undecided} or {@code cannot_judge}
 * @param reason of the verdict
 * @param margin largest acceptable loss
 * @param alpha error rate of a pass and of a fail
 * @param samplesToPass samples that a pass needs if no score differs
 * @param interims interim analyses, for reports
 * @param selection of the arms that were tested; empty if they were given
 */
public record GateDecision(
    String verdict,
    String reason,
    double margin,
    double alpha,
    long samplesToPass,
    List<Interim> interims,
    Optional<Selection> selection) {

  /**
   * Choice of the arms to test, and of the arm to use.
   *
   * @param samples valid samples on which the candidates were compared
   * @param candidates by charged budget
   * @param sequence names of the tested arms, in the order of the test
   * @param chosen the arm to use; empty if none passes
   * @param sentence the answer with its evidence
   */
  public record Selection(
      int samples,
      List<Candidate> candidates,
      List<String> sequence,
      Optional<String> chosen,
      String sentence) {
    public Selection {
      candidates = List.copyOf(candidates);
      sequence = List.copyOf(sequence);
    }

    static Selection read(JsonValue json) {
      return new Selection(
          json.integer("samples"),
          json.list("candidates", Candidate::read),
          json.list("sequence", JsonValue::text),
          json.findText("chosen"),
          json.text("sentence"));
    }

    ObjectNode json() {
      ObjectNode json = Json.object();
      json.put("samples", samples);
      ArrayNode array = json.putArray("candidates");
      candidates.forEach(candidate -> array.add(candidate.json()));
      json.set("sequence", Json.strings(sequence));
      json.put("chosen", chosen.orElse(null));
      json.put("sentence", sentence);
      return json;
    }
  }

  /**
   * A candidate on the samples of the selection.
   *
   * @param difference mean score minus full prefill's
   */
  public record Candidate(String arm, double chargedBudget, double difference) {
    static Candidate read(JsonValue json) {
      return new Candidate(
          json.text("arm"),
          json.number(QualityResultFile.CHARGED_BUDGET),
          json.number(ScoreDifference.KEY));
    }

    ObjectNode json() {
      ObjectNode json = Json.object();
      json.put("arm", arm);
      json.put(QualityResultFile.CHARGED_BUDGET, chargedBudget);
      json.put(ScoreDifference.KEY, difference);
      return json;
    }
  }

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
        json.list("interim", Interim::read),
        json.find("selection").map(Selection::read));
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
    selection.ifPresent(of -> json.set("selection", of.json()));
    return json;
  }
}
