package ai.cacheblend.orchestrator.page;

import static ai.cacheblend.orchestrator.page.chart.Numbers.interval;
import static ai.cacheblend.orchestrator.page.chart.Numbers.millis;
import static ai.cacheblend.orchestrator.page.chart.Numbers.percent;
import static ai.cacheblend.orchestrator.page.chart.Numbers.ratio;
import static ai.cacheblend.orchestrator.page.chart.Numbers.score;
import static ai.cacheblend.orchestrator.page.chart.Numbers.text;
import static j2html.TagCreator.details;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.h3;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;
import static j2html.TagCreator.summary;

import ai.cacheblend.orchestrator.page.chart.ArmStyles;
import ai.cacheblend.orchestrator.page.chart.Numbers;
import ai.cacheblend.orchestrator.records.ScoreDifference;
import ai.cacheblend.orchestrator.records.SpeedUpStatistics;
import ai.cacheblend.orchestrator.records.Statistics;
import ai.cacheblend.orchestrator.records.SweepResult;
import ai.cacheblend.orchestrator.records.SweepSummary;
import ai.cacheblend.orchestrator.records.TierPoint;
import j2html.tags.DomContent;
import j2html.tags.specialized.DivTag;
import j2html.tags.specialized.SectionTag;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A sweep: quality of each arm once per data set and chunk size, speed of each arm per prompt
 * shape. Separate tables, because quality is not measured per shape.
 */
final class SweepSection {
  /** Longer tables are collapsed. */
  private static final int OPEN_ROWS = 40;

  private static final List<String> SPEED_HEADER =
      List.of(
          "arm",
          "charged",
          "chunks",
          "prompt, tokens",
          "TTFT, ms (mean ± std)",
          "speed-up",
          "95 %",
          "n",
          "frontier");

  private static final List<String> QUALITY_HEADER =
      List.of(
          "arm",
          "charged",
          "chunks, tokens",
          "score",
          "arm − full prefill",
          "95 %",
          "verdict",
          "retention",
          "95 %",
          "n");

  private static final List<String> TIER_HEADER =
      List.of(
          "arm",
          "tier",
          "chunks",
          "prompt, tokens",
          "TTFT, ms (mean ± std)",
          "speed-up",
          "95 %",
          "/ device",
          "95 %",
          "hidden",
          "n");

  private SweepSection() {}

  static SectionTag of(String name, SweepResult run, RunCharts charts, ArmStyles styles) {
    SectionTag section = section(h2("Sweep")).withId(name);
    charts.main().forEach(chart -> section.with(Html.chart(chart)));
    if (run.points().isEmpty()) {
      section.with(p("No points: no prompt shape or no data set has a valid block."));
    }
    for (String dataset : run.datasets()) {
      section.with(
          h3("Quality on " + dataset),
          p("Measured once per chunk size, with documents cut into chunks of that size. The number of"
                  + " chunks and the prompt length are those of the data set, not of the shapes below.")
              .withClass("note"),
          Html.dataTable(QUALITY_HEADER, qualityRows(run, dataset, styles)),
          RankingTables.of(run.rankings(dataset), styles),
          h3("Speed by prompt shape"),
          p("Frontier: whether no other arm of the shape is better in speed and in quality on "
                  + dataset
                  + ".")
              .withClass("note"),
          speed(run, dataset, styles));
    }
    if (!run.tiers().isEmpty()) {
      section.with(
          h3("Speed by tier"),
          p("The same prompts with the chunks in each tier; after @ the limit of the rate of loading."
                  + " Full prefill reads no chunks. Each prompt ran in all tiers, one after another"
                  + " in random order. / device: TTFT divided by that with the"
                  + " chunks on the device, paired by prompt like the speed-up. Hidden: share of the"
                  + " load during which compute did not wait, median.")
              .withClass("note"),
          collapsible(TIER_HEADER, tierRows(run, styles)));
    }
    return section;
  }

  private static List<List<DomContent>> tierRows(SweepResult run, ArmStyles styles) {
    List<List<DomContent>> rows = new ArrayList<>();
    for (TierPoint point : run.tiers()) {
      Optional<SpeedUpStatistics> speedUp = point.speedUp();
      Optional<SpeedUpStatistics> over = point.overDevice();
      rows.add(
          Html.row(
              Html.arm(point.arm(), styles),
              List.of(
                  point.place(),
                  text("%d x %d", point.shape().chunkCount(), point.shape().chunkTokens()),
                  Integer.toString(point.shape().length()),
                  spread(point.clientTtft()),
                  speedUp.map(SweepSection::speedUp).orElse(""),
                  speedUp.map(s -> interval(s.low95(), s.high95(), Numbers::ratio)).orElse(""),
                  over.map(r -> ratio(r.geometricMean())).orElse(""),
                  over.map(r -> interval(r.low95(), r.high95(), Numbers::ratio)).orElse(""),
                  point.hidden().isPresent() ? percent(point.hidden().getAsDouble()) : "",
                  Integer.toString(point.clientTtft().n()))));
    }
    return rows;
  }

  private static String spread(Statistics ttft) {
    return millis(ttft.mean()) + (Double.isFinite(ttft.std()) ? " ± " + millis(ttft.std()) : "");
  }

  private static String speedUp(SpeedUpStatistics speedUp) {
    return ratio(speedUp.geometricMean()) + (speedUp.resolved() ? "" : ", not resolved");
  }

  private static DomContent collapsible(List<String> header, List<List<DomContent>> rows) {
    DivTag table = Html.dataTable(header, rows);
    return rows.size() > OPEN_ROWS
        ? details(summary(text("All %d points", rows.size())), table)
        : table;
  }

  private static List<SweepSummary.Point> points(SweepResult run, String dataset) {
    return run.points().stream().filter(point -> point.dataset().equals(dataset)).toList();
  }

  private static DomContent speed(SweepResult run, String dataset, ArmStyles styles) {
    List<List<DomContent>> rows = new ArrayList<>();
    points(run, dataset)
        .forEach(point -> rows.add(Html.row(Html.arm(point.arm(), styles), speedTexts(point))));
    return collapsible(SPEED_HEADER, rows);
  }

  private static List<String> speedTexts(SweepSummary.Point point) {
    Optional<SpeedUpStatistics> speedUp = point.speedUp();
    return List.of(
        Numbers.budget(point.ttftChargedBudget()),
        text("%d x %d", point.shape().chunkCount(), point.shape().chunkTokens()),
        Integer.toString(point.shape().length()),
        spread(point.clientTtft()),
        speedUp.map(SweepSection::speedUp).orElse(""),
        speedUp.map(s -> interval(s.low95(), s.high95(), Numbers::ratio)).orElse(""),
        Integer.toString(point.clientTtft().n()),
        frontier(point));
  }

  /** "yes" and "no" only if the intervals resolve it. */
  static String frontier(SweepSummary.Point point) {
    if (!point.resolved()) {
      return "cannot tell";
    }
    return point.onFrontier() ? "yes" : "no";
  }

  private static List<List<DomContent>> qualityRows(
      SweepResult run, String dataset, ArmStyles styles) {
    List<List<DomContent>> rows = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (SweepSummary.Point point : points(run, dataset)) {
      if (seen.add(point.arm() + " " + point.shape().chunkTokens())) {
        rows.add(Html.row(Html.arm(point.arm(), styles), qualityTexts(point)));
      }
    }
    return rows;
  }

  private static List<String> qualityTexts(SweepSummary.Point point) {
    Optional<ScoreDifference> difference = point.armMinusFullPrefill();
    return List.of(
        Numbers.budget(point.chargedBudget()),
        Integer.toString(point.shape().chunkTokens()),
        score(point.score().mean()),
        difference.map(d -> Numbers.difference(d.mean())).orElse(""),
        difference.map(d -> interval(d.low95(), d.high95(), Numbers::difference)).orElse(""),
        difference.map(ScoreDifference::verdictText).orElse(""),
        point.retention().map(Html::retention).orElse(""),
        point.retention().map(Html::retentionInterval).orElse(""),
        Integer.toString(point.score().n()));
  }
}
