package ai.cacheblend.orchestrator.console;

import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.TtftPlan;
import ai.cacheblend.orchestrator.records.SpeedUpStatistics;
import ai.cacheblend.orchestrator.records.Statistics;
import ai.cacheblend.orchestrator.records.TtftSummary;
import ai.cacheblend.orchestrator.records.WarmUpReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Formats a TTFT run. */
public final class TtftTable {
  private static final double MILLIS_PER_SECOND = 1e3;
  private static final String NONE = "-";

  private TtftTable() {}

  /** One line per length and arm, then notes on warm-up, outliers and warnings. */
  public static String render(TtftPlan plan, TtftSummary summary) {
    TextTable table =
        new TextTable(
            List.of(
                "tokens",
                "arm",
                "client TTFT ms",
                "worker TTFT ms",
                "speed-up",
                "paired, 95 %",
                "collect s",
                "n",
                "invalid"));
    for (TtftSummary.Row row : summary.rows()) {
      boolean first = true;
      for (NamedArm arm : plan.arms()) {
        List<String> cells = new ArrayList<>();
        cells.add(first ? Integer.toString(row.length()) : "");
        cells.add(arm.name());
        cells.addAll(times(Optional.ofNullable(row.arms().get(arm.name()))));
        cells.add(first ? row.collect().map(TtftTable::seconds).orElse(NONE) : "");
        cells.add(first ? Integer.toString(row.n()) : "");
        cells.add(first ? Integer.toString(row.invalid()) : "");
        table.row(cells);
        first = false;
      }
    }
    return "Time to first token: mean ± sample std. Speed-up: ratio of means; paired: geometric mean of the"
        + " ratios of the trials.\nCollect is not part of TTFT.\n\n"
        + table.render()
        + notes(summary);
  }

  private static List<String> times(Optional<TtftSummary.Arm> arm) {
    Optional<SpeedUpStatistics> speedUp = arm.flatMap(TtftSummary.Arm::speedUp);
    return List.of(
        arm.map(a -> millis(a.clientTtft())).orElse(NONE),
        arm.map(a -> millis(a.workerTtft())).orElse(NONE),
        speedUp.map(s -> text("%.2fx", s.ratioOfMeans())).orElse(""),
        speedUp.filter(s -> s.n() > 1).map(TtftTable::paired).orElse(""));
  }

  private static String paired(SpeedUpStatistics speedUp) {
    return text("%.2f (%.2f..%.2f)", speedUp.geometricMean(), speedUp.low95(), speedUp.high95())
        + (speedUp.resolved() ? "" : " not resolved");
  }

  private static String notes(TtftSummary summary) {
    List<String> notes = new ArrayList<>();
    for (WarmUpReport state : summary.warmUps()) {
      if (state.capReached()) {
        notes.add(warmUp("warm-up of %s: not stable after %d trials of %d tokens%s", state));
      } else if (state.noisy()) {
        notes.add(warmUp("warm-up of %s: noisy after %d trials of %d tokens%s", state));
      }
    }
    summary.rows().forEach(row -> outliers(row).ifPresent(notes::add));
    summary.warnings().forEach(warning -> notes.add("WARNING: " + warning));
    return notes.isEmpty() ? "" : "\n" + String.join("\n", notes) + "\n";
  }

  private static String warmUp(String text, WarmUpReport state) {
    return text(
        text,
        state.worker(),
        state.trials(),
        state.length(),
        state.worst().map(TtftTable::movement).orElse(""));
  }

  private static String movement(WarmUpReport.Movement worst) {
    return text(
        ": client TTFT of %s has drift %+.2f ms and std %.2f ms, limit %.2f ms",
        worst.arm(),
        worst.drift() * MILLIS_PER_SECOND,
        worst.spread() * MILLIS_PER_SECOND,
        worst.allowance() * MILLIS_PER_SECOND);
  }

  private static Optional<String> outliers(TtftSummary.Row row) {
    List<String> found = new ArrayList<>();
    row.arms()
        .forEach(
            (name, arm) ->
                arm.outliers()
                    .forEach(
                        outlier ->
                            found.add(
                                text(
                                    "trial %d of %s (%s %.2f ms)",
                                    outlier.trial(),
                                    name,
                                    outlier.reason(),
                                    outlier.seconds() * MILLIS_PER_SECOND))));
    return found.isEmpty()
        ? Optional.empty()
        : Optional.of(
            text("outliers at %d tokens, included: ", row.length()) + String.join(", ", found));
  }

  private static String millis(Statistics statistics) {
    return spread(
        "%.2f", statistics.mean() * MILLIS_PER_SECOND, statistics.std() * MILLIS_PER_SECOND);
  }

  private static String seconds(Statistics statistics) {
    return spread("%.3f", statistics.mean(), statistics.std());
  }

  private static String spread(String format, double mean, double std) {
    return text(format, mean) + (Double.isNaN(std) ? "" : " ± " + text(format, std));
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
