package ai.cacheblend.orchestrator.console;

import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.TtftPlan;
import ai.cacheblend.orchestrator.records.TtftSummary;
import ai.cacheblend.orchestrator.records.WarmUpReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Describes the results of a TTFT run and its noise in sentences. */
final class TtftFindings {
  private TtftFindings() {}

  static String render(TtftPlan plan, TtftSummary summary, Columns columns) {
    StringBuilder text = new StringBuilder("\n");
    for (TtftSummary.Row row : summary.rows()) {
      if (row.n() == 0) {
        text.append(TextLines.wrapped("no valid trial at " + row.length() + " tokens"));
      }
      for (NamedArm arm : plan.arms()) {
        Optional.ofNullable(row.arms().get(arm.name()))
            .flatMap(TtftSummary.Arm::speedUp)
            .ifPresent(
                speedUp ->
                    text.append(
                        TextLines.wrapped(
                            arm.name()
                                + ": "
                                + Sentences.speed(speedUp)
                                + " at "
                                + row.length()
                                + " tokens")));
      }
    }
    noise(summary).ifPresent(noise -> text.append(TextLines.wrapped(noise)));
    summary.warnings().forEach(warning -> text.append(TextLines.wrapped("warning: " + warning)));
    if (columns == Columns.ALL) {
      details(summary).forEach(detail -> text.append(TextLines.wrapped(detail)));
    }
    return text.toString();
  }

  /** All kinds of noise in one sentence. */
  private static Optional<String> noise(TtftSummary summary) {
    List<String> parts = new ArrayList<>();
    long capped = summary.warmUps().stream().filter(WarmUpReport::capReached).count();
    if (capped > 0) {
      parts.add(
          capped + " of " + summary.warmUps().size() + " warm-ups reached the limit of trials");
    }
    long noisy =
        summary.warmUps().stream().filter(state -> state.noisy() && !state.capReached()).count();
    if (noisy > 0) {
      parts.add(noisy + " of " + summary.warmUps().size() + " warm-ups were noisy");
    }
    long outliers =
        summary.rows().stream()
            .flatMap(row -> row.arms().values().stream())
            .mapToLong(arm -> arm.outliers().size())
            .sum();
    if (outliers > 0) {
      parts.add(
          outliers
              + (outliers == 1 ? " outlier is" : " outliers are")
              + " included in the statistics");
    }
    int invalid = summary.rows().stream().mapToInt(TtftSummary.Row::invalid).sum();
    if (invalid > 0) {
      parts.add(invalid + (invalid == 1 ? " trial is" : " trials are") + " invalid, and excluded");
    }
    return parts.isEmpty() ? Optional.empty() : Optional.of("noise: " + String.join("; ", parts));
  }

  private static List<String> details(TtftSummary summary) {
    List<String> details = new ArrayList<>();
    for (WarmUpReport state : summary.warmUps()) {
      if (state.capReached() || state.noisy()) {
        details.add(
            "warm-up of "
                + state.worker()
                + ": "
                + (state.capReached() ? "not stable" : "noisy")
                + " after "
                + state.trials()
                + " trials of "
                + state.length()
                + " tokens"
                + state.worst().map(TtftFindings::movement).orElse(""));
      }
    }
    for (TtftSummary.Row row : summary.rows()) {
      row.arms()
          .forEach(
              (name, arm) ->
                  arm.outliers()
                      .forEach(
                          outlier ->
                              details.add(
                                  "outlier: trial "
                                      + outlier.trial()
                                      + " of "
                                      + row.length()
                                      + " tokens, "
                                      + name
                                      + ", "
                                      + outlier.reason()
                                      + " "
                                      + Numbers.millis(outlier.seconds())
                                      + " ms")));
    }
    return details;
  }

  private static String movement(WarmUpReport.Movement worst) {
    return ": client TTFT of "
        + worst.arm()
        + " has drift "
        + Numbers.millis(worst.drift())
        + " ms and standard deviation "
        + Numbers.millis(worst.spread())
        + " ms, limit "
        + Numbers.millis(worst.allowance())
        + " ms";
  }
}
