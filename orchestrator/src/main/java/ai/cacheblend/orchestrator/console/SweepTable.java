package ai.cacheblend.orchestrator.console;

import ai.cacheblend.orchestrator.records.ScoreDifference;
import ai.cacheblend.orchestrator.records.SpeedUpStatistics;
import ai.cacheblend.orchestrator.records.SweepSummary;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Formats a sweep. */
public final class SweepTable {
  private static final double MILLIS_PER_SECOND = 1e3;

  private SweepTable() {}

  /** One table per data set and prompt shape, with one line per arm, then the frontier. */
  public static String render(SweepSummary summary, Columns columns) {
    Map<String, List<SweepSummary.Point>> groups = new LinkedHashMap<>();
    for (SweepSummary.Point point : summary.points()) {
      groups.computeIfAbsent(title(point), title -> new ArrayList<>()).add(point);
    }
    StringBuilder text = new StringBuilder();
    groups.forEach(
        (title, points) ->
            text.append(TextLines.wrapped(title)).append(table(points, columns)).append('\n'));
    text.append(Sentences.CHARGED);
    text.append(
        """
        Speed-up: geometric mean of the ratios full_prefill / arm of the trials.
        Difference: mean score of the arm minus full_prefill, paired by sample.
        Frontier: no other arm with the same prompts is at least as good in both means
        and better in one. ?: the 95 % intervals do not show either.

        """);
    text.append(TierTable.render(summary.tiers(), columns));
    summary.rankings().forEach(ranking -> text.append(RankingTable.render(ranking, columns)));
    for (SweepSummary.Point point : summary.points()) {
      finding(point).ifPresent(finding -> text.append(TextLines.wrapped(finding)));
    }
    if (!summary.complete()) {
      text.append(
          TextLines.wrapped(
              "Some points are missing: their prompt shape or data set has no valid block."));
    }
    summary
        .recommendation()
        .ifPresent(of -> text.append('\n').append(TextLines.wrapped(of.sentence())));
    return text.toString();
  }

  private static String title(SweepSummary.Point point) {
    return point.dataset() + ", " + shape(point.shape());
  }

  static String shape(SweepSummary.Shape shape) {
    return shape.chunkCount()
        + " x "
        + shape.chunkTokens()
        + " tokens, prompt of "
        + shape.length();
  }

  private static String table(List<SweepSummary.Point> points, Columns columns) {
    boolean all = columns == Columns.ALL;
    List<String> header =
        new ArrayList<>(List.of("arm", "charged", "speed-up", "difference (95 %)", "frontier"));
    if (all) {
      header.addAll(
          List.of("speed-up (95 %)", "client TTFT, ms", "score", "retention (95 %)", "verdict"));
    }
    TextTable table = new TextTable(columns, header);
    for (SweepSummary.Point point : points) {
      Optional<ScoreDifference> difference = point.armMinusFullPrefill();
      List<String> cells = new ArrayList<>();
      cells.add(point.arm());
      cells.add(Numbers.budget(point.chargedBudget()));
      cells.add(
          point
              .speedUp()
              .map(s -> s.resolved() ? Numbers.significant(s.geometricMean()) : "unresolved")
              .orElse(""));
      cells.add(difference.map(Sentences::difference).orElse(""));
      cells.add(frontier(point));
      if (all) {
        cells.add(point.speedUp().map(SweepTable::speedUp).orElse(""));
        cells.add(
            Numbers.spread(
                point.clientTtft().mean() * MILLIS_PER_SECOND,
                point.clientTtft().std() * MILLIS_PER_SECOND));
        cells.add(Numbers.score(point.score().mean()));
        cells.add(point.retention().map(Sentences::retentionCell).orElse(""));
        cells.add(difference.map(ScoreDifference::verdictText).orElse(""));
      }
      table.row(cells);
    }
    return table.render();
  }

  private static String frontier(SweepSummary.Point point) {
    if (!point.resolved()) {
      return "?";
    }
    return point.onFrontier() ? "yes" : "no";
  }

  private static String speedUp(SpeedUpStatistics speedUp) {
    return Numbers.interval(speedUp.geometricMean(), speedUp.low95(), speedUp.high95());
  }

  /** One sentence about an arm on the frontier. */
  private static Optional<String> finding(SweepSummary.Point point) {
    if (!point.onFrontier() || point.speedUp().isEmpty() || point.armMinusFullPrefill().isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        point.arm()
            + " on "
            + point.dataset()
            + ": "
            + Sentences.speed(point.speedUp().get())
            + " at "
            + point.shape().length()
            + " tokens in chunks of "
            + point.shape().chunkTokens()
            + "; "
            + Sentences.quality(
                point.metric(), point.armMinusFullPrefill().get(), point.retention()));
  }
}
