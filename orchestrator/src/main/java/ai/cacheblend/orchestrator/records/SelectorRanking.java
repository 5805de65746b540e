package ai.cacheblend.orchestrator.records;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * Selectors of a sweep, compared at equal charged budgets on one data set with one chunk size.
 *
 * @param n valid samples
 * @param comparisonCount comparisons of the data set, over which p values are corrected
 */
public record SelectorRanking(
    String dataset,
    int chunkTokens,
    String metric,
    int n,
    int comparisonCount,
    List<Level> levels) {

  /**
   * One charged budget.
   *
   * @param entries by mean score, the highest first
   * @param comparisons of each two entries
   * @param notComparable selectors whose arms do not enclose the budget
   */
  public record Level(
      double chargedBudget,
      List<Entry> entries,
      List<Comparison> comparisons,
      List<String> notComparable) {
    public Level {
      entries = List.copyOf(entries);
      comparisons = List.copyOf(comparisons);
      notComparable = List.copyOf(notComparable);
    }

    /** Selectors that {@code selector} is shown to score higher than. */
    public List<String> behind(String selector) {
      return comparisons.stream()
          .filter(c -> c.resolved && c.better().equals(selector))
          .map(Comparison::worse)
          .toList();
    }
  }

  /**
   * The scores of a selector at the budget.
   *
   * @param score mean of the headline metric
   * @param retention in relation to full prefill
   * @param parts one arm, or two whose scores are interpolated
   */
  public record Entry(String selector, double score, Retention retention, List<Part> parts) {
    public Entry {
      parts = List.copyOf(parts);
    }
  }

  /**
   * An arm behind an entry.
   *
   * @param weight share of the arm in the interpolation; 1 if it is alone
   * @param chargedBudget of the arm
   */
  public record Part(String arm, double weight, double chargedBudget) {}

  /**
   * First minus second selector, paired by sample.
   *
   * @param low95 lower end of the 95 % interval, not corrected for the number of comparisons
   * @param p two-sided
   * @param holmP with Holm's correction
   * @param resolved whether the corrected p value is at most 0.05
   */
  public record Comparison(
      String first,
      String second,
      double difference,
      double low95,
      double high95,
      double p,
      double holmP,
      boolean resolved) {
    String better() {
      return difference > 0 ? first : second;
    }

    String worse() {
      return difference > 0 ? second : first;
    }
  }

  public SelectorRanking {
    levels = List.copyOf(levels);
  }

  ObjectNode json() {
    ObjectNode json = Json.object();
    json.put("dataset", dataset);
    json.put("chunk_tokens", chunkTokens);
    json.put("metric", metric);
    json.put("n", n);
    json.put("comparisons", comparisonCount);
    ArrayNode array = json.putArray("levels");
    levels.forEach(level -> array.add(json(level)));
    return json;
  }

  private static ObjectNode json(Level level) {
    ObjectNode json = Json.object();
    json.put("charged_budget", level.chargedBudget);
    ArrayNode entries = json.putArray("selectors");
    for (Entry entry : level.entries) {
      ObjectNode of = entries.addObject();
      of.put("selector", entry.selector);
      of.put("score", entry.score);
      of.set(Retention.KEY, entry.retention.json());
      ArrayNode parts = of.putArray("arms");
      for (Part part : entry.parts) {
        ObjectNode arm = parts.addObject();
        arm.put("arm", part.arm);
        arm.put("weight", part.weight);
        arm.put("charged_budget", part.chargedBudget);
      }
    }
    ArrayNode comparisons = json.putArray("comparisons");
    for (Comparison comparison : level.comparisons) {
      ObjectNode of = comparisons.addObject();
      of.put("first", comparison.first);
      of.put("second", comparison.second);
      of.put("first_minus_second", comparison.difference);
      of.put("low95", comparison.low95);
      of.put("high95", comparison.high95);
      of.put("p", comparison.p);
      of.put("p_holm", comparison.holmP);
      of.put("resolved", comparison.resolved);
    }
    json.set("not_comparable", Json.strings(level.notComparable));
    return json;
  }

  static SelectorRanking read(JsonValue json) {
    return new SelectorRanking(
        json.text("dataset"),
        json.integer("chunk_tokens"),
        json.text("metric"),
        json.integer("n"),
        json.integer("comparisons"),
        json.list("levels", SelectorRanking::readLevel));
  }

  private static Level readLevel(JsonValue json) {
    return new Level(
        json.number("charged_budget"),
        json.list(
            "selectors",
            of ->
                new Entry(
                    of.text("selector"),
                    of.number("score"),
                    Retention.read(of.get(Retention.KEY)),
                    of.list(
                        "arms",
                        arm ->
                            new Part(
                                arm.text("arm"),
                                arm.number("weight"),
                                arm.number("charged_budget"))))),
        json.list(
            "comparisons",
            of ->
                new Comparison(
                    of.text("first"),
                    of.text("second"),
                    of.number("first_minus_second"),
                    of.number("low95"),
                    of.number("high95"),
                    of.number("p"),
                    of.number("p_holm"),
                    of.bool("resolved"))),
        json.list("not_comparable", JsonValue::text));
  }
}
