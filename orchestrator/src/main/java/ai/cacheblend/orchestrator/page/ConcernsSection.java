package ai.cacheblend.orchestrator.page;

import static ai.cacheblend.orchestrator.page.chart.Numbers.duration;
import static ai.cacheblend.orchestrator.page.chart.Numbers.text;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;

import ai.cacheblend.orchestrator.records.ArmRun;
import ai.cacheblend.orchestrator.records.LoadResult;
import ai.cacheblend.orchestrator.records.LoadSlice;
import ai.cacheblend.orchestrator.records.QualityResult;
import ai.cacheblend.orchestrator.records.Sample;
import ai.cacheblend.orchestrator.records.Trial;
import ai.cacheblend.orchestrator.records.TtftResult;
import ai.cacheblend.orchestrator.records.TtftSummary;
import j2html.TagCreator;
import j2html.tags.DomContent;
import j2html.tags.specialized.SectionTag;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Invalid trials and samples, outliers, and warm-ups that did not stabilise. */
final class ConcernsSection {
  private static final List<String> HEADER =
      List.of("run", "finding", "trial or sample", "details");

  private ConcernsSection() {}

  static SectionTag of(List<NamedResult> runs) {
    List<List<DomContent>> rows = new ArrayList<>();
    for (NamedResult run : runs) {
      run.ttft().forEach(ttft -> addTtft(rows, run.name(), ttft));
      run.load().forEach(load -> addLoad(rows, run.name(), load));
      run.quality().forEach(quality -> addQuality(rows, run.name(), quality));
    }
    SectionTag section = section(h2("Invalid trials and outliers")).withId("concerns");
    return rows.isEmpty()
        ? section.with(
            p(
                "None. All trials and samples are valid, there are no outliers, and warm-up was"
                    + " stable."))
        : section.with(Html.dataTable(HEADER, rows));
  }

  private static void addLoad(List<List<DomContent>> rows, String name, LoadResult run) {
    run.summary().warnings().forEach(warning -> rows.add(row(name, "warning", "", warning)));
    for (LoadSlice slice : run.slices()) {
      slice
          .problem()
          .ifPresent(
              problem ->
                  rows.add(
                      row(
                          name,
                          "invalid slice",
                          text(
                              "%s, %s, slice %d",
                              slice.key().arm(), slice.key().loadText(), slice.key().slice()),
                          problem)));
    }
  }

  private static void addTtft(List<List<DomContent>> rows, String name, TtftResult run) {
    run.summary().warnings().forEach(warning -> rows.add(row(name, "warning", "", warning)));
    for (Trial trial : run.trials()) {
      for (ArmRun armRun : trial.armRuns()) {
        if (trial.measured() && !armRun.valid()) {
          rows.add(
              row(
                  name,
                  "invalid trial",
                  text("%d tokens, trial %d, %s", trial.length(), trial.trial(), armRun.arm()),
                  armRun.problem().orElseThrow()));
        }
      }
    }
    for (TtftSummary.Row row : run.rows()) {
      for (Map.Entry<String, TtftSummary.Arm> arm : row.arms().entrySet()) {
        for (TtftSummary.Outlier outlier : arm.getValue().outliers()) {
          rows.add(
              row(
                  name,
                  "outlier (included)",
                  text("%d tokens, trial %d, %s", row.length(), outlier.trial(), arm.getKey()),
                  why(outlier)));
        }
      }
    }
    run.summary().warmUps().stream()
        .filter(warmup -> !warmup.stable().orElse(true))
        .forEach(
            warmup ->
                rows.add(
                    row(
                        name,
                        "warm-up not stable",
                        text("%d tokens, %s", warmup.length(), warmup.worker()),
                        text(
                            "times not stable after %d trials%s",
                            warmup.trials(),
                            warmup.capReached() ? " (limit of --warmup-cap)" : ""))));
  }

  private static String why(TtftSummary.Outlier outlier) {
    return outlier.reason().startsWith("throttled")
        ? text("device %s: client TTFT %s", outlier.reason(), duration(outlier.seconds()))
        : text(
            "%s of %s deviates from the median of its arm and length",
            outlier.reason().replace('_', ' '), duration(outlier.seconds()));
  }

  private static void addQuality(List<List<DomContent>> rows, String name, QualityResult run) {
    run.summary().warnings().forEach(warning -> rows.add(row(name, "warning", "", warning)));
    for (Sample sample : run.samples()) {
      sample
          .problem()
          .ifPresent(
              problem -> rows.add(row(name, "invalid sample", "sample " + sample.id(), problem)));
    }
  }

  private static List<DomContent> row(String... cells) {
    return Stream.of(cells).map(cell -> (DomContent) TagCreator.text(cell)).toList();
  }
}
