package ai.cacheblend.orchestrator.page;

import ai.cacheblend.orchestrator.page.chart.ArmStyles;
import ai.cacheblend.orchestrator.page.chart.Chart;
import ai.cacheblend.orchestrator.page.chart.DriftChart;
import ai.cacheblend.orchestrator.page.chart.GateChart;
import ai.cacheblend.orchestrator.page.chart.LoadCharts;
import ai.cacheblend.orchestrator.page.chart.QualityChart;
import ai.cacheblend.orchestrator.page.chart.RecomputeChart;
import ai.cacheblend.orchestrator.page.chart.SpeedUpChart;
import ai.cacheblend.orchestrator.page.chart.SweepCharts;
import ai.cacheblend.orchestrator.page.chart.TimeChart;
import ai.cacheblend.orchestrator.page.chart.TtftChart;
import ai.cacheblend.orchestrator.records.Example;
import ai.cacheblend.orchestrator.records.MetricNames;
import java.util.ArrayList;
import java.util.List;

/**
 * The charts of a run.
 *
 * @param main charts of the whole run
 * @param examples one per example prompt, in the same order
 */
record RunCharts(List<Chart> main, List<Chart> examples) {

  static RunCharts of(NamedResult run, ArmStyles styles) {
    List<Chart> main = new ArrayList<>();
    run.sweep()
        .forEach(
            sweep -> {
              main.addAll(SweepCharts.tiers(run.name(), sweep, styles));
              main.addAll(SweepCharts.shapes(run.name(), sweep, styles));
            });
    addTtft(main, run, styles);
    run.load().forEach(load -> main.addAll(LoadCharts.of(run.name(), load, styles)));
    addQuality(main, run, styles);
    List<Chart> examples = new ArrayList<>();
    for (Example example : run.run().examples()) {
      String id = run.name() + "-recomputed-" + examples.size();
      examples.add(RecomputeChart.of(id, example, styles));
    }
    return new RunCharts(main, examples);
  }

  private static void addTtft(List<Chart> charts, NamedResult named, ArmStyles styles) {
    String name = named.name();
    named
        .ttft()
        .forEach(
            run -> {
              charts.add(TtftChart.of(name + "-trials", run, named.earlierTtft(), styles));
              SpeedUpChart.of(name + "-speed-up", run, named.earlierTtft(), styles)
                  .ifPresent(charts::add);
              DriftChart.of(name + "-drift", run, styles).ifPresent(charts::add);
              charts.add(TimeChart.of(name + "-time", run, styles));
            });
  }

  private static void addQuality(List<Chart> charts, NamedResult named, ArmStyles styles) {
    String name = named.name();
    named
        .quality()
        .forEach(
            run -> {
              run.gate()
                  .filter(gate -> !gate.interims().isEmpty())
                  .ifPresent(gate -> charts.add(GateChart.of(name + "-interim", gate, styles)));
              if (!run.arms().isEmpty()) {
                charts.add(
                    QualityChart.of(
                        name + "-quality",
                        run,
                        named.earlierQuality(),
                        MetricNames.label(run.metric()),
                        styles));
              }
            });
  }

  List<Chart> all() {
    List<Chart> all = new ArrayList<>(main);
    all.addAll(examples);
    return all;
  }
}
