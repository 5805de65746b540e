package ai.cacheblend.orchestrator.page;

import static ai.cacheblend.orchestrator.page.chart.Figures.millis;
import static ai.cacheblend.orchestrator.page.chart.Figures.text;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;

import ai.cacheblend.orchestrator.records.QualityRun;
import ai.cacheblend.orchestrator.records.Sample;
import ai.cacheblend.orchestrator.records.Trial;
import ai.cacheblend.orchestrator.records.TtftRun;
import j2html.TagCreator;
import j2html.tags.DomContent;
import j2html.tags.specialized.SectionTag;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What does not count, and what should be looked at before the figures are trusted. */
final class ConcernsSection {
  private static final List<String> HEADER = List.of("run", "what", "where", "why");

  private ConcernsSection() {}

  static SectionTag of(List<ReportRun> runs) {
    List<List<DomContent>> rows = new ArrayList<>();
    for (ReportRun run : runs) {
      run.ttft().forEach(ttft -> addTtft(rows, run.name(), ttft));
      run.quality().forEach(quality -> addQuality(rows, run.name(), quality));
    }
    SectionTag section = section(h2("Invalid trials and outliers")).withId("concerns");
    return rows.isEmpty()
        ? section.with(
            p("None: every trial and sample counts, no outlier was flagged, warm-up was stable."))
        : section.with(Html.dataTable(HEADER, rows));
  }

  private static void addTtft(List<List<DomContent>> rows, String name, TtftRun run) {
    run.warnings().forEach(warning -> rows.add(row(name, "warning", "", warning)));
    for (Trial trial : run.trials()) {
      if (trial.measured() && trial.problem().isPresent()) {
        rows.add(
            row(
                name,
                "trial does not count",
                text("%d tokens, trial %d, %s", trial.length(), trial.trial(), trial.arm()),
                trial.problem().orElseThrow()));
      }
    }
    for (TtftRun.Row row : run.rows()) {
      for (Map.Entry<String, TtftRun.Arm> arm : row.arms().entrySet()) {
        for (TtftRun.Outlier outlier : arm.getValue().outliers()) {
          rows.add(
              row(
                  name,
                  "outlier, counts",
                  text("%d tokens, trial %d, %s", row.length(), outlier.trial(), arm.getKey()),
                  why(outlier)));
        }
      }
    }
    run.warmups().stream()
        .filter(warmup -> !warmup.stable().orElse(true))
        .forEach(
            warmup ->
                rows.add(
                    row(
                        name,
                        "warm-up not stable",
                        text("%d tokens, %s", warmup.length(), warmup.worker()),
                        text(
                            "after %d trials%s",
                            warmup.trials(), warmup.capReached() ? ", the cap" : ""))));
  }

  private static String why(TtftRun.Outlier outlier) {
    return outlier.reason().startsWith("throttled")
        ? text("device %s: client TTFT %s", outlier.reason(), millis(outlier.seconds()))
        : text(
            "%s of %s is far from the median",
            outlier.reason().replace('_', ' '), millis(outlier.seconds()));
  }

  private static void addQuality(List<List<DomContent>> rows, String name, QualityRun run) {
    for (Sample sample : run.samples()) {
      sample
          .problem()
          .ifPresent(
              problem ->
                  rows.add(row(name, "sample does not count", "sample " + sample.id(), problem)));
    }
  }

  private static List<DomContent> row(String... cells) {
    return Stream.of(cells).map(cell -> (DomContent) TagCreator.text(cell)).toList();
  }
}
