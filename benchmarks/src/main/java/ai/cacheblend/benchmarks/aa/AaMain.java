package ai.cacheblend.benchmarks.aa;

import java.util.List;

/**
 * Prints the tables of an experiment: {@code ttft}, {@code gate}, {@code quality}, {@code ranking}
 * or {@code selection}.
 */
public final class AaMain {
  private static final String USAGE = "usage: run ttft|gate|quality|ranking|selection [RUNS]";
  private static final int DEFAULT_TTFT_RUNS = 400;
  private static final int DEFAULT_SCORE_RUNS = 2_000;
  private static final int DEFAULT_RANKING_RUNS = 200;

  private AaMain() {}

  public static void main(String[] arguments) {
    List<String> values = List.of(arguments);
    if (values.isEmpty() || values.size() > 2) {
      System.err.println(USAGE);
      System.exit(2);
    }
    switch (values.get(0)) {
      case "ttft" -> TtftExperiment.print(runs(values, DEFAULT_TTFT_RUNS));
      case "gate" -> GateExperiment.print(runs(values, DEFAULT_SCORE_RUNS));
      case "quality" -> IntervalExperiment.print(runs(values, DEFAULT_SCORE_RUNS));
      case "ranking" -> RankingExperiment.print(runs(values, DEFAULT_RANKING_RUNS));
      case "selection" -> SelectionExperiment.print(runs(values, DEFAULT_RANKING_RUNS));
      default -> {
        System.err.println(USAGE);
        System.exit(2);
      }
    }
  }

  private static int runs(List<String> values, int byDefault) {
    return values.size() > 1 ? Integer.parseInt(values.get(1)) : byDefault;
  }
}
