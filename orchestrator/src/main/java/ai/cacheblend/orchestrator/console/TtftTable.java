package ai.cacheblend.orchestrator.console;

import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.TtftPlan;
import ai.cacheblend.orchestrator.records.SpeedUpStatistics;
import ai.cacheblend.orchestrator.records.Statistics;
import ai.cacheblend.orchestrator.records.TtftSummary;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Formats a TTFT run. */
public final class TtftTable {
  private static final double MILLIS_PER_SECOND = 1e3;
  private static final String NONE = "-";

  private TtftTable() {}

  /** One line per length and arm, one sentence per arm and length, then the noise. */
  public static String render(TtftPlan plan, TtftSummary summary, Columns columns) {
    boolean all = columns == Columns.ALL;
    List<String> header =
        new ArrayList<>(
            List.of("arm", "charged", "tokens", "client TTFT, ms", "speed-up (95 %)", "n"));
    if (all) {
      header.addAll(List.of("worker TTFT, ms", "ratio of means", "collect, s", "invalid"));
    }
    TextTable table = new TextTable(columns, header);
    for (TtftSummary.Row row : summary.rows()) {
      for (NamedArm arm : plan.arms()) {
        table.row(cells(row, arm, all));
      }
    }
    return "Time to first token: mean ± standard deviation. Speed-up: geometric mean of the\n"
        + "ratios full_prefill / arm of the trials. Collecting chunks is not included.\n"
        + Sentences.CHARGED
        + "\n"
        + table.render()
        + TtftFindings.render(plan, summary, columns);
  }

  private static List<String> cells(TtftSummary.Row row, NamedArm named, boolean all) {
    Optional<TtftSummary.Arm> arm = Optional.ofNullable(row.arms().get(named.name()));
    Optional<SpeedUpStatistics> speedUp = arm.flatMap(TtftSummary.Arm::speedUp);
    List<String> cells = new ArrayList<>();
    cells.add(named.name());
    cells.add(arm.map(a -> Numbers.budget(a.chargedBudget())).orElse(NONE));
    cells.add(Integer.toString(row.length()));
    cells.add(arm.map(a -> millis(a.clientTtft())).orElse(NONE));
    cells.add(
        speedUp.map(s -> Numbers.interval(s.geometricMean(), s.low95(), s.high95())).orElse(""));
    cells.add(Integer.toString(row.n()));
    if (all) {
      cells.add(arm.map(a -> millis(a.workerTtft())).orElse(NONE));
      cells.add(speedUp.map(s -> Numbers.significant(s.ratioOfMeans())).orElse(""));
      cells.add(row.collect().map(c -> Numbers.spread(c.mean(), c.std())).orElse(NONE));
      cells.add(Integer.toString(row.invalid()));
    }
    return cells;
  }

  private static String millis(Statistics seconds) {
    return Numbers.spread(seconds.mean() * MILLIS_PER_SECOND, seconds.std() * MILLIS_PER_SECOND);
  }
}
