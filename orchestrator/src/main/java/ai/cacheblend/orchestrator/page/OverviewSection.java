package ai.cacheblend.orchestrator.page;

import static j2html.TagCreator.details;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.h3;
import static j2html.TagCreator.li;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;
import static j2html.TagCreator.span;
import static j2html.TagCreator.strong;
import static j2html.TagCreator.summary;
import static j2html.TagCreator.ul;

import ai.cacheblend.orchestrator.page.chart.ArmStyles;
import ai.cacheblend.orchestrator.page.chart.Numbers;
import ai.cacheblend.orchestrator.records.LoadResult;
import ai.cacheblend.orchestrator.records.SpeedUpStatistics;
import j2html.tags.DomContent;
import j2html.tags.specialized.DivTag;
import j2html.tags.specialized.SectionTag;
import j2html.tags.specialized.UlTag;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The top of the page: verdict, speed and quality of each arm, and the trust checks. */
final class OverviewSection {
  /** Further arms are collapsed. */
  private static final int OPEN_ARMS = 4;

  private static final int MAX_COLUMNS = 4;

  private OverviewSection() {}

  static SectionTag of(List<NamedResult> runs, ArmStyles styles) {
    SectionTag section = section(h2("Verdict")).withId("verdict");
    Map<String, List<NamedResult>> models = new LinkedHashMap<>();
    runs.forEach(
        run ->
            models
                .computeIfAbsent(run.run().header().model("fingerprint"), m -> new ArrayList<>())
                .add(run));
    for (List<NamedResult> ofModel : models.values()) {
      if (models.size() > 1) {
        section.with(h3(ofModel.get(0).run().header().model("name")));
      }
      List<ArmOverview> overviews = Overviews.of(ofModel);
      List<LoadResult> loads = ofModel.stream().flatMap(NamedResult::load).toList();
      ofModel.stream()
          .flatMap(NamedResult::sweep)
          .flatMap(sweep -> sweep.summary().recommendation().stream())
          .forEach(advice -> section.with(p(advice.sentence()).withClass("recommendation")));
      if (!overviews.isEmpty() || loads.isEmpty()) {
        section.with(arms(overviews, styles));
      }
      loads.forEach(load -> section.with(LoadFindings.of(load, styles)));
      section.with(trust(TrustChecks.of(ofModel, overviews)));
    }
    return section;
  }

  private static DomContent arms(List<ArmOverview> overviews, ArmStyles styles) {
    if (overviews.isEmpty()) {
      return p(
          "No arm can be compared: there is no valid block with full prefill and another arm.");
    }
    int open = Math.min(OPEN_ARMS, overviews.size());
    DivTag shown = div().withClass("cards");
    Columns columns = Columns.of(overviews);
    overviews.subList(0, open).forEach(o -> shown.with(card(o, columns, styles)));
    if (open == overviews.size()) {
      return shown;
    }
    DivTag more = div().withClass("cards");
    overviews.subList(open, overviews.size()).forEach(o -> more.with(card(o, columns, styles)));
    int rest = overviews.size() - open;
    return div(
        shown, details(summary(Numbers.text("%d more arm%s", rest, rest == 1 ? "" : "s")), more));
  }

  /** Aligns the tiles of all cards: speeds, then one column per data set. */
  private record Columns(int speeds, List<String> datasets) {
    static Columns of(List<ArmOverview> overviews) {
      return new Columns(
          overviews.stream().mapToInt(overview -> overview.speeds().size()).max().orElse(0),
          overviews.stream()
              .flatMap(overview -> overview.qualities().stream())
              .map(ArmOverview.Quality::dataset)
              .distinct()
              .toList());
    }

    String styleClass() {
      return "columns-" + Math.min(MAX_COLUMNS, speeds + datasets.size());
    }
  }

  private static DivTag card(ArmOverview overview, Columns columns, ArmStyles styles) {
    ArmOverview.Safety safety = overview.safety();
    List<DomContent> tiles = new ArrayList<>();
    overview.speeds().forEach(speed -> tiles.add(tile(speed)));
    for (int i = overview.speeds().size(); i < columns.speeds(); i++) {
      tiles.add(div().withClass("tile none"));
    }
    for (String dataset : columns.datasets()) {
      tiles.add(
          overview.qualities().stream()
              .filter(quality -> quality.dataset().equals(dataset))
              .findFirst()
              .map(OverviewSection::tile)
              .orElseGet(() -> div().withClass("tile none")));
    }
    return div(
            div(
                    span(safety.symbol() + " " + safety.text())
                        .withClass("badge " + safety.styleClass()),
                    div(Html.arm(overview.arm(), styles)).withClass("name"),
                    p(basis(overview)).withClass("note"))
                .withClass("verdict"),
            div(each(tiles, tile -> tile)).withClass("tiles " + columns.styleClass()))
        .withClass("card " + safety.styleClass());
  }

  /** Margin and number of samples behind the verdict. */
  private static String basis(ArmOverview overview) {
    if (overview.qualities().isEmpty()) {
      return "Quality was not measured in this report.";
    }
    List<String> parts = new ArrayList<>();
    for (ArmOverview.Quality quality : overview.qualities()) {
      parts.add(
          Numbers.text(
              "%s: %s, margin %s, n = %d%s",
              quality.dataset(),
              quality.difference().verdictText(),
              Numbers.tick(quality.difference().margin()),
              quality.difference().n(),
              Double.isFinite(quality.chargedBudget())
                  ? ", charged budget " + Numbers.budget(quality.chargedBudget())
                  : ""));
    }
    return String.join(". ", parts) + ".";
  }

  private static DivTag tile(ArmOverview.Speed speed) {
    SpeedUpStatistics speedUp = speed.speedUp();
    String ratio = Numbers.ratio(speedUp.geometricMean());
    String direction = speedUp.geometricMean() >= 1 ? " faster" : ", slower";
    return tile(
        "First token, " + speed.prompts(),
        speedUp.resolved() ? ratio + direction : "not resolved",
        Numbers.duration(speed.fullSeconds()) + " → " + Numbers.duration(speed.armSeconds()),
        interval(Numbers.interval(speedUp.low95(), speedUp.high95(), Numbers::ratio), speedUp.n())
            + (speedUp.resolved() ? "" : "; geometric mean " + ratio),
        speed.earlier().map(e -> "Earlier run: " + Numbers.ratio(e.geometricMean())).orElse(""));
  }

  private static DivTag tile(ArmOverview.Quality quality) {
    var difference = quality.difference();
    List<String> note = new ArrayList<>();
    note.add(
        interval(
            Numbers.interval(difference.low95(), difference.high95(), Numbers::difference),
            difference.n()));
    quality
        .identicalShare()
        .ifPresent(share -> note.add(Numbers.percent(share) + " of the answers identical"));
    String factor =
        quality.fullScore() > 0
            ? " (" + Numbers.ratio(quality.armScore() / quality.fullScore()) + ")"
            : "";
    return tile(
        quality.metric() + ", " + quality.dataset(),
        Numbers.difference(difference.mean()),
        Numbers.score(quality.fullScore()) + " → " + Numbers.score(quality.armScore()) + factor,
        String.join(", ", note),
        quality.earlier().map(e -> "Earlier run: " + Numbers.difference(e.mean())).orElse(""));
  }

  private static String interval(String interval, int n) {
    return (interval.isEmpty() ? "no interval" : "95 %: " + interval) + ", n = " + n;
  }

  private static DivTag tile(
      String what, String headline, String change, String note, String earlier) {
    DivTag tile =
        div(
                span(what).withClass("what"),
                strong(headline),
                span(change).withClass("change"),
                span(note).withClass("note"))
            .withClass("tile");
    return earlier.isEmpty() ? tile : tile.with(span(earlier).withClass("note earlier"));
  }

  private static DivTag trust(List<TrustCheck> checks) {
    long doubts = checks.stream().filter(check -> !check.holds()).count();
    UlTag list = ul();
    checks.forEach(
        check ->
            list.with(
                li(
                        span(check.symbol() + " ").withClass("symbol"),
                        strong(check.name()),
                        j2html.TagCreator.text(" " + check.finding()))
                    .withClass(check.styleClass())));
    return div(
            h3(
                doubts == 0
                    ? "Trust: all checks passed"
                    : Numbers.text("Trust: %d of %d checks failed", doubts, checks.size())),
            list)
        .withClass("trust");
  }
}
