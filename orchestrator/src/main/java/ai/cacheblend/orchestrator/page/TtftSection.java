package ai.cacheblend.orchestrator.page;

import static ai.cacheblend.orchestrator.page.chart.Numbers.interval;
import static ai.cacheblend.orchestrator.page.chart.Numbers.millis;
import static ai.cacheblend.orchestrator.page.chart.Numbers.ratio;
import static ai.cacheblend.orchestrator.page.chart.Numbers.text;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.h3;
import static j2html.TagCreator.section;

import ai.cacheblend.orchestrator.page.chart.ArmStyles;
import ai.cacheblend.orchestrator.page.chart.Numbers;
import ai.cacheblend.orchestrator.records.KvLoads;
import ai.cacheblend.orchestrator.records.PlannedArm;
import ai.cacheblend.orchestrator.records.SpeedUpStatistics;
import ai.cacheblend.orchestrator.records.Statistics;
import ai.cacheblend.orchestrator.records.TtftResult;
import ai.cacheblend.orchestrator.records.TtftSummary;
import com.fasterxml.jackson.databind.JsonNode;
import j2html.tags.DomContent;
import j2html.tags.specialized.SectionTag;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.DoubleFunction;

/** A TTFT run: charts, statistics, example prompts. */
final class TtftSection {
  private static final List<String> HEADER =
      List.of(
          "arm",
          "charged",
          "prompt, tokens",
          "TTFT, ms (mean ± std)",
          "95 %, ms",
          "median, ms",
          "worker TTFT, ms",
          "speed-up",
          "95 %",
          "n");

  private static final List<String> LOADS =
      List.of(
          "arm",
          "prompt, tokens",
          "worker TTFT, ms",
          "predicted, ms",
          "error",
          "load hidden",
          "chunks computed",
          "ratio used",
          "n");

  private static final double BYTES_PER_MEGABYTE = 1e6;

  private TtftSection() {}

  static SectionTag of(String name, TtftResult run, RunCharts charts, ArmStyles styles) {
    SectionTag section = section(h2(title(run))).withId(name);
    charts.main().forEach(chart -> section.with(Html.chart(chart)));
    section.with(Html.dataTable(HEADER, rows(run, styles)));
    List<List<DomContent>> loads = loads(run, styles);
    if (!loads.isEmpty()) {
      section.with(h3("Loads of chunks from a tier (medians)"), Html.dataTable(LOADS, loads));
    }
    return section.with(ExampleSection.of(run, charts, styles));
  }

  private static String title(TtftResult run) {
    JsonNode plan = run.header().plan();
    return text(
        "Time to first token, chunks of %d tokens%s",
        plan.path("chunk_tokens").asInt(), source(plan));
  }

  /** Where the chunks came from, if not from the device. */
  private static String source(JsonNode plan) {
    if (!plan.has("tier")) {
      return "";
    }
    String limit =
        plan.has("throttle")
            ? text(
                ", at most %s MB/s",
                Numbers.three(plan.path("throttle").asDouble() / BYTES_PER_MEGABYTE))
            : "";
    String policy =
        plan.path("tier_policy").asText("").equals("auto") ? ", loads chosen by the worker" : "";
    return text(" from the tier %s%s%s", plan.path("tier").asText(), limit, policy);
  }

  private static List<List<DomContent>> rows(TtftResult run, ArmStyles styles) {
    List<List<DomContent>> rows = new ArrayList<>();
    for (TtftSummary.Row row : run.rows()) {
      for (PlannedArm arm : run.header().arms()) {
        List<String> texts = new ArrayList<>();
        texts.add(
            Optional.ofNullable(row.arms().get(arm.name()))
                .map(a -> Numbers.budget(a.chargedBudget()))
                .orElse(""));
        texts.add(Integer.toString(row.length()));
        texts.addAll(texts(Optional.ofNullable(row.arms().get(arm.name()))));
        texts.add(Integer.toString(row.n()));
        rows.add(Html.row(Html.arm(arm.name(), styles), texts));
      }
    }
    return rows;
  }

  private static List<List<DomContent>> loads(TtftResult run, ArmStyles styles) {
    List<List<DomContent>> rows = new ArrayList<>();
    for (KvLoads.Row row : KvLoads.of(run.trials()).rows()) {
      rows.add(
          Html.row(
              Html.arm(row.arm(), styles),
              List.of(
                  Integer.toString(row.length()),
                  millis(row.workerTtftSeconds()),
                  cell(row.predictedSeconds(), Numbers::millis),
                  cell(row.error(), Numbers::percent),
                  cell(row.hidden(), Numbers::percent),
                  Numbers.three(row.computedChunks()),
                  cell(row.ratio(), Numbers::budget),
                  Integer.toString(row.n()))));
    }
    return rows;
  }

  private static String cell(OptionalDouble value, DoubleFunction<String> format) {
    return value.isPresent() ? format.apply(value.getAsDouble()) : "";
  }

  private static List<String> texts(Optional<TtftSummary.Arm> arm) {
    if (arm.isEmpty()) {
      return List.of("no valid trial", "", "", "", "", "");
    }
    Statistics client = arm.get().clientTtft();
    Optional<SpeedUpStatistics> speedUp = arm.get().speedUp();
    return List.of(
        spread(client),
        interval(client.low95(), client.high95(), Numbers::millis),
        millis(client.median()),
        spread(arm.get().workerTtft()),
        speedUp
            .map(s -> ratio(s.geometricMean()) + (s.resolved() ? "" : ", not resolved"))
            .orElse(""),
        speedUp.map(s -> interval(s.low95(), s.high95(), Numbers::ratio)).orElse(""));
  }

  private static String spread(Statistics statistics) {
    return millis(statistics.mean())
        + (Double.isFinite(statistics.std()) ? " ± " + millis(statistics.std()) : "");
  }
}
