package ai.cacheblend.orchestrator.records;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A benchmark of answer quality.
 *
 * @param metric the headline metric
 * @param n samples that count
 * @param arms by name; empty where no sample counts
 */
public record QualityRun(
    RunFacts facts,
    String dataset,
    String metric,
    int n,
    int invalid,
    Map<String, Arm> arms,
    List<Sample> samples,
    List<Example> examples,
    Optional<Gate> gate)
    implements Run {

  /**
   * The verdict of a gate.
   *
   * @param verdict {@code pass}, {@code fail}, {@code undecided} or {@code cannot_judge}
   * @param margin largest acceptable loss
   */
  public record Gate(String verdict, String reason, double margin, List<Interim> interims) {
    static Gate of(JsonSource json) {
      return new Gate(
          json.text("verdict"),
          json.text("reason"),
          json.number("margin"),
          json.list("interim", Interim::of));
    }
  }

  /**
   * An arm at an interim analysis.
   *
   * @param samples number of samples, invalid ones included
   */
  public record Interim(String arm, int samples, Difference difference) {
    static Interim of(JsonSource json) {
      return new Interim(
          json.text("arm"),
          json.integer("samples"),
          Difference.of(json.get(QualityJson.DIFFERENCE)));
    }
  }

  /**
   * One arm.
   *
   * @param scores by metric, the headline first
   * @param difference empty for full prefill, and without it
   * @param identicalShare answers with the same tokens as full prefill's
   * @param firstDivergence index of the first token that differs, of the other answers
   */
  public record Arm(
      Map<String, Statistics> scores,
      Optional<Difference> difference,
      Optional<Double> identicalShare,
      Optional<Statistics> firstDivergence) {
    static Arm of(JsonSource json) {
      return new Arm(
          json.map("scores", Statistics::of),
          json.find(QualityJson.DIFFERENCE).map(Difference::of),
          json.find("identical_share").map(JsonSource::number),
          json.find("first_divergence").map(Statistics::of));
    }
  }

  /**
   * Mean headline score of an arm minus full prefill's, paired by sample; negative is worse.
   *
   * @param low95 lower end of the 95 % confidence interval
   * @param verdict {@code pass}, {@code fail}, {@code undecided} or {@code cannot_judge}
   * @param reason of the verdict
   */
  public record Difference(
      int n,
      double mean,
      double std,
      double low95,
      double high95,
      double permutationP,
      double margin,
      String verdict,
      String reason) {
    static Difference of(JsonSource json) {
      return new Difference(
          json.integer("n"),
          json.number("mean"),
          json.numberOrNan("std"),
          json.numberOrNan("low95"),
          json.numberOrNan("high95"),
          json.numberOrNan("permutation_p"),
          json.numberOrNan("margin"),
          json.text("verdict"),
          json.text("reason"));
    }

    /** The verdict as text. */
    public String verdictText() {
      return verdict.replace('_', ' ');
    }
  }

  public QualityRun {
    samples = List.copyOf(samples);
    examples = List.copyOf(examples);
  }

  static QualityRun read(Path folder, JsonSource result) {
    RunFacts facts = RunFacts.of(folder, result);
    return new QualityRun(
        facts,
        result.text("dataset"),
        result.text("metric"),
        result.integer("n"),
        result.integer("invalid"),
        result.map("arms", Arm::of),
        JsonSource.lines(folder.resolve("samples.jsonl")).stream().map(Sample::of).toList(),
        Example.read(folder),
        result.find("gate").map(Gate::of));
  }
}
