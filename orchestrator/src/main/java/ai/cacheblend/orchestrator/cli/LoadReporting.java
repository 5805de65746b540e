package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.console.LoadProgress;
import ai.cacheblend.orchestrator.console.LoadTable;
import ai.cacheblend.orchestrator.dataset.TtftCorpus;
import ai.cacheblend.orchestrator.load.LiveCounts;
import ai.cacheblend.orchestrator.load.LoadAnalysis;
import ai.cacheblend.orchestrator.load.LoadBenchmark;
import ai.cacheblend.orchestrator.load.LoadListener;
import ai.cacheblend.orchestrator.plan.LoadPlan;
import ai.cacheblend.orchestrator.records.Environment;
import ai.cacheblend.orchestrator.records.LoadFolder;
import ai.cacheblend.orchestrator.records.LoadSlice;
import ai.cacheblend.orchestrator.records.LoadSummary;
import ai.cacheblend.orchestrator.records.SystemFacts;
import ai.cacheblend.orchestrator.run.Fleet;
import java.util.List;
import java.util.Optional;

/** Runs a load plan and reports it: progress, files, table. */
record LoadReporting(Console console, Output output, List<String> commandLine) {

  Completion run(PlannedLoad planned, Fleet fleet) {
    LoadPlan plan = planned.plan();
    Environment environment =
        SystemFacts.environment(
            console.clock().wall().instant(),
            commandLine,
            TtftCorpus.embeddedSha256(),
            fleet.infos());
    LoadBenchmark benchmark = new LoadBenchmark(plan, planned.data(), fleet, console.clock());
    Optional<LoadFolder> files =
        output.folder().map(folder -> LoadFolder.open(folder, plan, environment, output.resume()));
    LoadSummary summary;
    try {
      files.flatMap(LoadFolder::resumeNote).ifPresent(console.err()::println);
      summary = LoadAnalysis.summary(plan, slices(plan, benchmark, files));
      files.ifPresent(f -> f.result(plan, environment, summary));
    } finally {
      files.ifPresent(LoadFolder::close);
    }
    output.folder().ifPresent(RunReport::page);
    console.out().print(LoadTable.render(summary, output.columns()));
    RunReport.announce(console, output);
    return new Completion(
        summary.complete(plan)
            && summary.levels().stream().allMatch(l -> l.latencies().ttft().isPresent()),
        summary.invalidSlices());
  }

  private List<LoadSlice> slices(
      LoadPlan plan, LoadBenchmark benchmark, Optional<LoadFolder> files) {
    List<LoadSlice> earlier = files.map(LoadFolder::earlier).orElse(List.of());
    int total = plan.shape().levelCount() * plan.slicesPerLevel();
    try (LoadProgress progress =
        new LoadProgress(
            total - earlier.size(),
            plan.slices(),
            output.style(),
            console.err(),
            console.clock().ticker())) {
      return benchmark.run(
          earlier,
          files.map(LoadFolder::session).orElse(0),
          new LoadListener() {
            @Override
            public void began(LoadSlice.Key key, LiveCounts counts) {
              progress.began(key, counts);
            }

            @Override
            public void ended(LoadSlice slice) {
              files.ifPresent(f -> f.write(slice));
              progress.ended(slice);
            }
          });
    }
  }
}
