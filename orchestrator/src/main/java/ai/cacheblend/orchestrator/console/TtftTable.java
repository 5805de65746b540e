package ai.cacheblend.orchestrator.console;

import ai.cacheblend.metrics.SpeedUp;
import ai.cacheblend.metrics.Summary;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.TtftPlan;
import ai.cacheblend.orchestrator.run.TtftSummary;
import ai.cacheblend.orchestrator.run.WarmUpState;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A TTFT run for people. */
public final class TtftTable {
  private static final double MILLIS_PER_SECOND = 1e3;
  private static final String NONE = "-";

  private TtftTable() {}

  /** One line per length and arm, and below it what makes the figures doubtful. */
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
        cells.addAll(figures(Optional.ofNullable(row.arms().get(arm.name()))));
        cells.add(first ? row.collect().map(TtftTable::seconds).orElse(NONE) : "");
        cells.add(first ? Integer.toString(row.validCount()) : "");
        cells.add(first ? Integer.toString(row.invalidCount()) : "");
        table.row(cells);
        first = false;
      }
    }
    return "Time to first token, mean ± sample std; speed-up: ratio of means, and geometric mean of"
        + " the trials' own ratios; collect is apart from it\n\n"
        + table.render()
        + notes(summary);
  }

  private static List<String> figures(Optional<TtftSummary.ArmFigures> figures) {
    Optional<SpeedUp> speedUp = figures.flatMap(TtftSummary.ArmFigures::speedUp);
    return List.of(
        figures.map(f -> millis(f.clientTtft())).orElse(NONE),
        figures.map(f -> millis(f.workerTtft())).orElse(NONE),
        speedUp.map(s -> text("%.2fx", s.ratioOfMeans())).orElse(""),
        speedUp.filter(s -> s.n() > 1).map(TtftTable::paired).orElse(""));
  }

  private static String paired(SpeedUp speedUp) {
    return text("%.2f (%.2f..%.2f)", speedUp.geometricMean(), speedUp.low95(), speedUp.high95())
        + (speedUp.isResolved() ? "" : " not resolved");
  }

  private static String notes(TtftSummary summary) {
    List<String> notes = new ArrayList<>();
    for (WarmUpState state : summary.warmUps()) {
      if (state.capReached()) {
        notes.add(warmUp("%s was not stable after %d warm-up trials of %d tokens%s", state));
      } else if (state.times() == WarmUpState.Times.NOISY) {
        notes.add(
            warmUp("%s was warm after %d warm-up trials of %d tokens, but is noisy%s", state));
      }
    }
    summary.rows().forEach(row -> outliers(row).ifPresent(notes::add));
    summary.warnings().forEach(warning -> notes.add("WARNING: " + warning));
    return notes.isEmpty() ? "" : "\n" + String.join("\n", notes) + "\n";
  }

  private static String warmUp(String text, WarmUpState state) {
    return text(
        text,
        state.origin().worker(),
        state.trials(),
        state.length(),
        state.worst().map(TtftTable::movement).orElse(""));
  }

  private static String movement(WarmUpState.Movement worst) {
    return text(
        ": client TTFT of %s drifts %+.2f ms and spreads %.2f ms, allowed are %.2f ms",
        worst.arm(),
        worst.stability().drift() * MILLIS_PER_SECOND,
        worst.stability().spread() * MILLIS_PER_SECOND,
        worst.allowance() * MILLIS_PER_SECOND);
  }

  private static Optional<String> outliers(TtftSummary.Row row) {
    List<String> found = new ArrayList<>();
    row.arms()
        .forEach(
            (arm, figures) ->
                figures
                    .outliers()
                    .forEach(
                        outlier ->
                            found.add(
                                text(
                                    "trial %d of %s (%s %.2f ms)",
                                    outlier.trial(),
                                    arm,
                                    outlier.reason(),
                                    outlier.seconds() * MILLIS_PER_SECOND))));
    return found.isEmpty()
        ? Optional.empty()
        : Optional.of(
            text("outliers at %d tokens, counted: ", row.length()) + String.join(", ", found));
  }

  private static String millis(Summary summary) {
    return spread(
        "%.2f", summary.mean() * MILLIS_PER_SECOND, summary.sampleStd() * MILLIS_PER_SECOND);
  }

  private static String seconds(Summary summary) {
    return spread("%.3f", summary.mean(), summary.sampleStd());
  }

  private static String spread(String format, double mean, double std) {
    return text(format, mean) + (Double.isNaN(std) ? "" : " ± " + text(format, std));
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
