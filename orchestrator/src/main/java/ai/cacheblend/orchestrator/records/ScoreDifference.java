package ai.cacheblend.orchestrator.records;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Score of an arm minus score of full prefill on the same samples: negative is worse.
 *
 * @param low95 lower end of the 95 % confidence interval of the mean
 * @param permutationP two-sided
 * @param margin largest acceptable loss
 * @param verdict {@code pass}, {@code fail}, {@code undecided} or {@code cannot_judge}
 * @param reason of the verdict
 * @param passPValue p value of a pass, which may be corrected for the number of arms; NaN in older
 *     records
 */
public record ScoreDifference(
    int n,
    double mean,
    double std,
    double low95,
    double high95,
    double permutationP,
    double margin,
    String verdict,
    String reason,
    double passPValue) {
  static final String KEY = "arm_minus_full_prefill";

  /** The verdict as text. */
  public String verdictText() {
    return verdict.replace('_', ' ');
  }

  static ScoreDifference read(JsonValue json) {
    return new ScoreDifference(
        json.integer("n"),
        json.number("mean"),
        json.numberOrNan("std"),
        json.numberOrNan("low95"),
        json.numberOrNan("high95"),
        json.numberOrNan("permutation_p"),
        json.number("margin"),
        json.text("verdict"),
        json.text("reason"),
        json.numberOrNan("pass_p"));
  }

  ObjectNode json() {
    ObjectNode json = Json.object();
    json.put("n", n);
    json.set("mean", Json.number(mean));
    json.set("std", Json.number(std));
    json.set("low95", Json.number(low95));
    json.set("high95", Json.number(high95));
    json.set("permutation_p", Json.number(permutationP));
    json.put("margin", margin);
    json.put("verdict", verdict);
    json.put("reason", reason);
    json.set("pass_p", Json.number(passPValue));
    return json;
  }
}
