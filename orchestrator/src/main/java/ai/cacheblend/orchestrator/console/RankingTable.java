package ai.cacheblend.orchestrator.console;

import ai.cacheblend.orchestrator.records.MetricNames;
import ai.cacheblend.orchestrator.records.SelectorRanking;
import java.util.List;
import java.util.stream.Collectors;

/** Formats the ranking of selectors on a data set. */
final class RankingTable {
  private RankingTable() {}

  /** One table per charged budget, with one line per selector, best first. */
  static String render(SelectorRanking ranking, Columns columns) {
    StringBuilder text = new StringBuilder();
    for (SelectorRanking.Level level : ranking.levels()) {
      text.append(
          TextLines.wrapped(
              "Selectors on "
                  + ranking.dataset()
                  + " at charged budget "
                  + level.chargedBudget()
                  + ", chunks of "
                  + ranking.chunkTokens()
                  + ": mean "
                  + MetricNames.label(ranking.metric())
                  + " of "
                  + ranking.n()
                  + " samples"));
      TextTable table =
          new TextTable(columns, List.of("selector", "score", "retention (95 %)", "better than"));
      for (SelectorRanking.Entry entry : level.entries()) {
        table.row(
            List.of(
                entry.selector(),
                Numbers.score(entry.score()),
                Sentences.retentionCell(entry.retention()),
                level.behind(entry.selector()).size() + " of " + (level.entries().size() - 1)));
      }
      text.append(table.render()).append(TextLines.wrapped(finding(level)));
      if (!level.notComparable().isEmpty()) {
        text.append(
            TextLines.wrapped(
                "Not comparable, no arms around this budget: "
                    + String.join(", ", level.notComparable())));
      }
      text.append('\n');
    }
    text.append(
        TextLines.wrapped(
            "Better than: paired betting test, Holm's correction for "
                + ranking.comparisonCount()
                + " comparisons on this data set. Scores between two ratios are interpolated."));
    return text.append('\n').toString();
  }

  private static String finding(SelectorRanking.Level level) {
    String first = level.entries().get(0).selector();
    List<String> behind = level.behind(first);
    String open =
        level.entries().stream()
            .skip(1)
            .map(SelectorRanking.Entry::selector)
            .filter(selector -> !behind.contains(selector))
            .collect(Collectors.joining(", "));
    return open.isEmpty()
        ? first + " scores higher than every other selector."
        : first + " has the highest mean; not resolved against " + open + ".";
  }
}
