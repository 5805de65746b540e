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
   * What a run of {@code gate} decided.
   *
   * @param verdict {@code pass}, {@code fail} or {@code undecided}
   * @param margin loss that is accepted
   * @param level of the interval of each look
   */
  public record Gate(String verdict, double margin, double level, List<Look> looks) {
    static Gate of(JsonSource json) {
      return new Gate(
          json.text("verdict"),
          json.number("margin"),
          json.number("level"),
          json.list("looks", Look::of));
    }
  }

  /**
   * An arm's loss after so many samples.
   *
   * @param n samples that count
   * @param low lower end of the interval of the loss
   */
  public record Look(
      String arm, int samples, int n, double difference, double low, double high, String verdict) {
    static Look of(JsonSource json) {
      return new Look(
          json.text("arm"),
          json.integer("samples"),
          json.integer("n"),
          json.numberOrNan("difference"),
          json.numberOrNan("low"),
          json.numberOrNan("high"),
          json.text("verdict"));
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
          json.find("difference").map(Difference::of),
          json.find("identical_share").map(JsonSource::number),
          json.find("first_divergence").map(Statistics::of));
    }
  }

  /**
   * Headline score of full prefill minus an arm's, sample by sample.
   *
   * @param low95 lower end of the paired bootstrap interval
   * @param verdict {@code non_inferior}, {@code inferior} or {@code undecided}, against the margin
   */
  public record Difference(
      int n,
      double mean,
      double std,
      double low95,
      double high95,
      double permutationP,
      double margin,
      String verdict) {
    static Difference of(JsonSource json) {
      return new Difference(
          json.integer("n"),
          json.number("mean"),
          json.numberOrNan("std"),
          json.numberOrNan("bootstrap_low95"),
          json.numberOrNan("bootstrap_high95"),
          json.numberOrNan("permutation_p"),
          json.numberOrNan("margin"),
          json.text("verdict"));
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
