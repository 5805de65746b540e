package ai.cacheblend.orchestrator.console;

import ai.cacheblend.orchestrator.records.LatencyStatistics;
import ai.cacheblend.orchestrator.records.LoadStream;
import ai.cacheblend.orchestrator.records.LoadSummary;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Formats a load run. */
public final class LoadTable {
  private static final String NONE = "-";

  private LoadTable() {}

  /**
   * One line per level and arm, then what was met, then the warnings. Of a search, its result; the
   * levels only with all columns.
   */
  public static String render(LoadSummary summary, Columns columns) {
    StringBuilder text = new StringBuilder();
    boolean search = !summary.capacities().isEmpty();
    if (!search || columns == Columns.ALL) {
      text.append(levels(summary, columns)).append('\n');
    }
    if (search) {
      text.append(CapacityTable.render(summary, columns));
    } else {
      objectives(summary).forEach(line -> text.append(TextLines.wrapped(line)));
      summary.levels().forEach(level -> text.append(course(level)));
    }
    summary.warnings().forEach(line -> text.append(TextLines.wrapped("warning: " + line)));
    return text.toString();
  }

  private static String levels(LoadSummary summary, Columns columns) {
    boolean all = columns == Columns.ALL;
    String load =
        summary.levels().stream()
            .findFirst()
            .map(level -> level.point().kind().key())
            .orElse("load");
    List<String> header =
        new ArrayList<>(
            List.of("arm", load, "req/s", "TTFT p50", "p90", "ITL p50", "p99", "hits", "failed"));
    if (all) {
      header.addAll(
          List.of(
              "requests",
              "TTFT mean (95 %)",
              "TTFT p99",
              "TPOT p50",
              "E2E p50",
              "E2E p90",
              "queue p90",
              "lag p99",
              "tokens/s",
              "good/s",
              "SLO"));
    }
    TextTable table = new TextTable(columns, header);
    summary.levels().forEach(level -> table.row(cells(level, all)));
    return """
    Latencies in ms, from the time at which a request was due. TTFT includes the
    collection of chunks that were not stored. "-": too few requests.

    """
        + table.render();
  }

  private static List<String> cells(LoadSummary.Level level, boolean all) {
    LoadSummary.Latencies latencies = level.latencies();
    LoadSummary.Throughput throughput = level.throughput();
    List<String> cells = new ArrayList<>();
    cells.add(level.arm());
    cells.add(level.point().number());
    cells.add(Numbers.significant(throughput.requestsPerSecond()));
    cells.add(percentile(latencies.ttft(), 50));
    cells.add(percentile(latencies.ttft(), 90));
    cells.add(percentile(latencies.itl(), 50));
    cells.add(percentile(latencies.itl(), 99));
    cells.add(level.reuse().hitRate().map(rate -> Numbers.percent(rate) + " %").orElse(""));
    cells.add(Integer.toString(level.counts().failed()));
    if (all) {
      cells.add(Integer.toString(level.counts().requests()));
      cells.add(
          latencies
              .ttft()
              .map(t -> Numbers.interval(t.mean() * 1e3, t.low95() * 1e3, t.high95() * 1e3))
              .orElse(NONE));
      cells.add(percentile(latencies.ttft(), 99));
      cells.add(percentile(latencies.tpot(), 50));
      cells.add(percentile(latencies.e2e(), 50));
      cells.add(percentile(latencies.e2e(), 90));
      cells.add(percentile(latencies.queue(), 90));
      cells.add(percentile(Optional.of(latencies.lag()), 99));
      cells.add(Numbers.significant(throughput.tokensPerSecond()));
      cells.add(throughput.goodput().map(Numbers::significant).orElse(""));
      cells.add(throughput.sloMet().map(met -> met ? "met" : "not met").orElse(""));
    }
    return cells;
  }

  /** One sentence on the course of a stream. */
  private static String course(LoadSummary.Level level) {
    return level.stream()
        .flatMap(LoadStream::change)
        .map(
            change ->
                TextLines.wrapped(
                    level.arm()
                        + " at "
                        + level.loadText()
                        + ": speed-up "
                        + Numbers.significant(change.earlySpeedUp())
                        + " early and "
                        + Numbers.significant(change.lateSpeedUp())
                        + " late in the stream (ratio "
                        + Numbers.interval(
                            change.ratio(), change.interval().low(), change.interval().high())
                        + "): "
                        + change.verdict()
                        + change
                            .hitRate()
                            .map(
                                rates ->
                                    "; hit rate "
                                        + Numbers.percent(rates.early())
                                        + " % and "
                                        + Numbers.percent(rates.late())
                                        + " %")
                            .orElse("")
                        + "."))
        .orElse("");
  }

  private static String percentile(Optional<LatencyStatistics> statistics, int percent) {
    return statistics.map(s -> Numbers.millis(s.percentile(percent))).orElse(NONE);
  }

  /** One sentence per arm on the levels that met the objective. */
  private static List<String> objectives(LoadSummary summary) {
    Map<String, List<LoadSummary.Level>> byArm = new LinkedHashMap<>();
    summary.levels().stream()
        .filter(level -> level.throughput().goodput().isPresent())
        .forEach(level -> byArm.computeIfAbsent(level.arm(), a -> new ArrayList<>()).add(level));
    List<String> lines = new ArrayList<>();
    byArm.forEach((arm, levels) -> lines.add(arm + ": objective " + objective(levels)));
    return lines;
  }

  private static String objective(List<LoadSummary.Level> levels) {
    List<String> parts = new ArrayList<>();
    add(parts, "met", levels, Optional.of(true));
    add(parts, "not met", levels, Optional.of(false));
    add(parts, "undecided, with too few requests,", levels, Optional.empty());
    return String.join("; ", parts) + ".";
  }

  private static void add(
      List<String> parts, String what, List<LoadSummary.Level> levels, Optional<Boolean> met) {
    List<LoadSummary.Level> of =
        levels.stream().filter(level -> level.throughput().sloMet().equals(met)).toList();
    if (!of.isEmpty()) {
      parts.add(
          what
              + " at "
              + of.get(0).point().kind().key()
              + " "
              + String.join(", ", of.stream().map(level -> level.point().number()).toList()));
    }
  }
}
