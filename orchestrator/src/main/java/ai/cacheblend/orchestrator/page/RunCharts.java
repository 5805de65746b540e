package ai.cacheblend.orchestrator.page;

import ai.cacheblend.orchestrator.page.chart.ArmStyles;
import ai.cacheblend.orchestrator.page.chart.Chart;
import ai.cacheblend.orchestrator.page.chart.FrontierChart;
import ai.cacheblend.orchestrator.page.chart.GateChart;
import ai.cacheblend.orchestrator.page.chart.QualityChart;
import ai.cacheblend.orchestrator.page.chart.RecomputeChart;
import ai.cacheblend.orchestrator.page.chart.SpeedUpChart;
import ai.cacheblend.orchestrator.page.chart.SweepCharts;
import ai.cacheblend.orchestrator.page.chart.TimeChart;
import ai.cacheblend.orchestrator.page.chart.TtftChart;
import ai.cacheblend.orchestrator.records.Example;
import ai.cacheblend.orchestrator.records.QualityResult;
import ai.cacheblend.orchestrator.records.TtftResult;
import java.util.ArrayList;
import java.util.List;

/**
 * The charts of a run.
 *
 * @param figures about the whole run
 * @param examples one per example prompt, in their order
 */
public record RunCharts(List<Chart> figures, List<Chart> examples) {

  public static RunCharts of(NamedResult run, ArmStyles styles) {
    List<Chart> figures = new ArrayList<>();
    run.sweep().forEach(sweep -> figures.addAll(SweepCharts.of(run.name(), sweep, styles)));
    run.ttft().forEach(ttft -> addTtft(figures, run.name(), ttft, styles));
    run.quality().forEach(quality -> addQuality(figures, run.name(), quality, styles));
    List<Chart> examples = new ArrayList<>();
    for (Example example : run.run().examples()) {
      String id = run.name() + "-recomputed-" + examples.size();
      examples.add(RecomputeChart.of(id, example, styles));
    }
    return new RunCharts(figures, examples);
  }

  private static void addTtft(List<Chart> charts, String name, TtftResult run, ArmStyles styles) {
    charts.add(TtftChart.of(name + "-trials", run, styles));
    SpeedUpChart.of(name + "-speed-up", run, styles).ifPresent(charts::add);
    charts.add(TimeChart.of(name + "-time", run, styles));
  }

  private static void addQuality(
      List<Chart> charts, String name, QualityResult run, ArmStyles styles) {
    run.gate().ifPresent(gate -> charts.add(GateChart.of(name + "-interim", gate, styles)));
    if (!run.arms().isEmpty()) {
      charts.add(QualityChart.of(name + "-quality", run, styles));
    }
    FrontierChart.of(name + "-frontier", run, styles).ifPresent(charts::add);
  }

  public List<Chart> all() {
    List<Chart> all = new ArrayList<>(figures);
    all.addAll(examples);
    return all;
  }
}
