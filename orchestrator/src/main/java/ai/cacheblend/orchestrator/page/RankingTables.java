package ai.cacheblend.orchestrator.page;

import static ai.cacheblend.orchestrator.page.chart.Numbers.interval;
import static ai.cacheblend.orchestrator.page.chart.Numbers.text;
import static j2html.TagCreator.details;
import static j2html.TagCreator.div;
import static j2html.TagCreator.h3;
import static j2html.TagCreator.p;
import static j2html.TagCreator.summary;

import ai.cacheblend.orchestrator.page.chart.ArmStyles;
import ai.cacheblend.orchestrator.page.chart.Numbers;
import ai.cacheblend.orchestrator.records.SelectorRanking;
import j2html.TagCreator;
import j2html.tags.DomContent;
import j2html.tags.specialized.DivTag;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The ranking of selectors on a data set. */
final class RankingTables {
  private static final List<String> HEADER =
      List.of("selector", "score", "retention", "95 %", "measured as", "better than");

  private static final List<String> PAIR_HEADER =
      List.of("selectors", "charged", "difference", "95 %", "p, corrected", "resolved");

  private RankingTables() {}

  static DivTag of(List<SelectorRanking> rankings, ArmStyles styles) {
    DivTag div = div();
    for (SelectorRanking ranking : rankings) {
      for (SelectorRanking.Level level : ranking.levels()) {
        div.with(
            h3(
                text(
                    "Selectors on %s at charged budget %s, chunks of %d tokens",
                    ranking.dataset(), Numbers.tick(level.chargedBudget()), ranking.chunkTokens())),
            p(finding(level)),
            Html.dataTable(HEADER, rows(level, styles)));
      }
      div.with(pairs(ranking));
    }
    return div;
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
    String notComparable =
        level.notComparable().isEmpty()
            ? ""
            : " Not comparable, no arms around this budget: "
                + String.join(", ", level.notComparable())
                + ".";
    return (open.isEmpty()
            ? first + " scores higher than every other selector."
            : first + " has the highest mean; not resolved against " + open + ".")
        + notComparable;
  }

  private static List<List<DomContent>> rows(SelectorRanking.Level level, ArmStyles styles) {
    List<List<DomContent>> rows = new ArrayList<>();
    for (SelectorRanking.Entry entry : level.entries()) {
      String behind = String.join(", ", level.behind(entry.selector()));
      rows.add(
          Html.row(
              Html.arm(entry.parts().get(0).arm(), entry.selector(), styles),
              List.of(
                  Numbers.score(entry.score()),
                  Html.retention(entry.retention()),
                  Html.retentionInterval(entry.retention()),
                  entry.parts().stream()
                      .map(RankingTables::part)
                      .collect(Collectors.joining(" + ")),
                  behind.isEmpty() ? "none" : behind)));
    }
    return rows;
  }

  private static String part(SelectorRanking.Part part) {
    return part.weight() == 1 ? part.arm() : Numbers.percent(part.weight()) + " " + part.arm();
  }

  private static DomContent pairs(SelectorRanking ranking) {
    List<List<DomContent>> rows = new ArrayList<>();
    for (SelectorRanking.Level level : ranking.levels()) {
      for (SelectorRanking.Comparison of : level.comparisons()) {
        rows.add(
            Html.row(
                TagCreator.text(of.first() + " − " + of.second()),
                List.of(
                    Numbers.tick(level.chargedBudget()),
                    Numbers.difference(of.difference()),
                    interval(of.low95(), of.high95(), Numbers::difference),
                    of.holmP() < 0.001 ? "< 0.001" : text("%.3f", of.holmP()),
                    of.resolved() ? "yes" : "not resolved")));
      }
    }
    return details(
        summary(text("All %d comparisons of selectors", rows.size())),
        p(text(
                "Paired by sample; two-sided betting test with Holm's correction for the %d"
                    + " comparisons of the data set. Intervals are not corrected.",
                ranking.comparisonCount()))
            .withClass("note"),
        Html.dataTable(PAIR_HEADER, rows));
  }
}
