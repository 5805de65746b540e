package ai.cacheblend.orchestrator.page;

import static j2html.TagCreator.li;
import static j2html.TagCreator.text;
import static j2html.TagCreator.ul;

import ai.cacheblend.orchestrator.page.chart.ArmStyles;
import ai.cacheblend.orchestrator.page.chart.Numbers;
import ai.cacheblend.orchestrator.records.LatencyStatistics;
import ai.cacheblend.orchestrator.records.LoadCapacity;
import ai.cacheblend.orchestrator.records.LoadResult;
import ai.cacheblend.orchestrator.records.LoadStream;
import ai.cacheblend.orchestrator.records.LoadSummary;
import ai.cacheblend.orchestrator.records.PlannedArm;
import j2html.tags.specialized.LiTag;
import j2html.tags.specialized.UlTag;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** One sentence per arm on a load run. */
final class LoadFindings {
  private LoadFindings() {}

  static UlTag of(LoadResult run, ArmStyles styles) {
    UlTag list = ul();
    for (PlannedArm arm : run.header().arms()) {
      List<LoadSummary.Level> levels =
          run.summary().levels().stream().filter(l -> l.arm().equals(arm.name())).toList();
      Optional<LoadCapacity> capacity =
          run.summary().capacities().stream().filter(c -> c.arm().equals(arm.name())).findFirst();
      if (!levels.isEmpty()) {
        list.with(
            li(
                Html.arm(arm.name(), styles),
                text(": " + capacity.map(LoadFindings::finding).orElseGet(() -> finding(levels)))));
        levels.forEach(level -> course(level, styles).ifPresent(list::with));
      }
    }
    for (LoadSummary.CapacityRatio ratio : run.summary().capacityRatios()) {
      list.with(
          li(
              Html.arm(ratio.arm(), styles),
              text(Numbers.text(" sustains %s times the rate of ", Numbers.three(ratio.ratio()))),
              Html.arm(ratio.baseline(), styles),
              text(
                  Numbers.text(
                      " (95 %%: %s).",
                      Numbers.interval(
                          ratio.interval().low(), ratio.interval().high(), Numbers::three)))));
    }
    return list;
  }

  /** The course of a stream over a drifting pool. */
  private static Optional<LiTag> course(LoadSummary.Level level, ArmStyles styles) {
    return level.stream()
        .flatMap(LoadStream::change)
        .map(
            change ->
                li(
                    Html.arm(level.arm(), styles),
                    text(
                        Numbers.text(
                            " at %s: speed-up %s early and %s late in the stream (ratio %s, 95 %%:"
                                + " %s): %s%s.",
                            level.loadText(),
                            Numbers.three(change.earlySpeedUp()),
                            Numbers.three(change.lateSpeedUp()),
                            Numbers.three(change.ratio()),
                            Numbers.interval(
                                change.interval().low(), change.interval().high(), Numbers::three),
                            change.verdict(),
                            change
                                .hitRate()
                                .map(
                                    rates ->
                                        "; hit rate "
                                            + Numbers.percent(rates.early())
                                            + " and "
                                            + Numbers.percent(rates.late()))
                                .orElse("")))));
  }

  private static String finding(LoadCapacity capacity) {
    if (Double.isInfinite(capacity.high())) {
      return Numbers.text(
          "meets the objective up to %s requests per second, the highest rate of the search.",
          Numbers.three(capacity.low()));
    }
    return capacity
        .estimate()
        .map(
            estimate ->
                Numbers.text(
                    "meets the objective up to %s requests per second (95 %%: %s), limited by %s.",
                    Numbers.three(estimate.rate()),
                    Numbers.interval(capacity.low(), capacity.high(), Numbers::three),
                    estimate.limitedBy()))
        .orElseGet(
            () ->
                Numbers.text(
                    "does not meet the objective at %s requests per second, the lowest rate of the"
                        + " search.",
                    Numbers.three(capacity.high())));
  }

  private static String finding(List<LoadSummary.Level> levels) {
    if (levels.get(0).throughput().goodput().isEmpty()) {
      LoadSummary.Level highest = highest(levels).orElseThrow();
      return Numbers.text(
          "%s answers per second at %s, TTFT %s at the median.",
          Numbers.three(highest.throughput().requestsPerSecond()),
          highest.loadText(),
          highest.latencies().ttft().map(LoadFindings::median).orElse("unknown"));
    }
    List<LoadSummary.Level> met =
        levels.stream().filter(l -> l.throughput().sloMet().orElse(false)).toList();
    return highest(met)
        .map(
            level ->
                Numbers.text(
                    "meets the objective up to %s of the tested levels, with %s answers per"
                        + " second.",
                    level.loadText(), Numbers.three(level.throughput().requestsPerSecond())))
        .orElse("is not shown to meet the objective at a tested level.");
  }

  private static Optional<LoadSummary.Level> highest(List<LoadSummary.Level> levels) {
    return levels.stream().max(Comparator.comparingDouble(LoadSummary.Level::load));
  }

  private static String median(LatencyStatistics ttft) {
    return Double.isFinite(ttft.percentile(50)) ? Numbers.duration(ttft.percentile(50)) : "unknown";
  }
}
