package ai.cacheblend.orchestrator.cli;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import ai.cacheblend.orchestrator.console.SweepTable;
import ai.cacheblend.orchestrator.dataset.TtftCorpus;
import ai.cacheblend.orchestrator.plan.Tier;
import ai.cacheblend.orchestrator.plan.TtftPlan;
import ai.cacheblend.orchestrator.records.Environment;
import ai.cacheblend.orchestrator.records.SweepFiles;
import ai.cacheblend.orchestrator.records.SweepSummary;
import ai.cacheblend.orchestrator.records.SystemFacts;
import ai.cacheblend.orchestrator.run.Calibration;
import ai.cacheblend.orchestrator.run.Fleet;
import ai.cacheblend.orchestrator.run.SweepAnalysis;
import ai.cacheblend.orchestrator.run.TtftBenchmark;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/** Runs the parts of a sweep and reports them together. */
record SweepReporting(Console console, Output output, List<String> commandLine) {

  Completion run(PlannedSweep data, Fleet fleet, OutputFolder target) {
    int bosCount = bosCount(fleet);
    List<TtftPlan> ttfts = data.plan().ttft(bosCount);
    requireFit(ttfts, fleet);
    target.begin(console.err());
    Environment environment =
        SystemFacts.environment(
            console.clock().wall().instant(),
            commandLine,
            TtftCorpus.embeddedSha256(),
            fleet.infos());
    List<String> parts = new ArrayList<>();
    ttfts.forEach(plan -> parts.add(PlannedSweep.folder(plan)));
    List<PlannedTask> tasks = data.tasksByChunkSize(fleet);
    tasks.forEach(task -> parts.add(PlannedSweep.folder(task)));
    Optional<SweepFiles> files =
        output
            .folder()
            .map(
                folder ->
                    SweepFiles.open(folder, data.plan(), parts, environment, output.resume()));
    Completion completion = new Completion(true, 0);
    List<SweepAnalysis.Speed> speeds = new ArrayList<>();
    for (List<TtftPlan> group : bySize(ttfts)) {
      int index = speeds.size();
      List<TtftRuns.Part> runs = new ArrayList<>();
      for (TtftPlan plan : group) {
        runs.add(new TtftRuns.Part(plan, output(files, parts.get(index + runs.size()))));
      }
      List<TtftReporting.Outcome> outcomes =
          new TtftRuns(console, commandLine, title(group, index, parts), fleet).measure(runs);
      for (TtftReporting.Outcome outcome : outcomes) {
        completion = completion.and(outcome.completion());
        TtftPlan plan = ttfts.get(speeds.size());
        speeds.add(new SweepAnalysis.Speed(plan, outcome.trials(), outcome.summary()));
      }
    }
    List<SweepAnalysis.Quality> qualities = new ArrayList<>();
    StringBuilder ofTiers = new StringBuilder();
    for (PlannedTask of : tasks) {
      int index = speeds.size() + qualities.size();
      QualityReporting.Outcome outcome =
          new QualityReporting(console, output(files, parts.get(index)), commandLine)
              .measure(title(parts.get(index), index, parts), of.plan(), of.task(), fleet);
      completion = completion.and(outcome.completion());
      qualities.add(new SweepAnalysis.Quality(of.plan(), outcome.samples(), outcome.summary()));
      of.plan().tier().ifPresent(tier -> ofTiers.append(fromTier(tier, fleet, outcome)));
    }
    SweepSummary summary = SweepAnalysis.summary(speeds, qualities, bosCount);
    files.ifPresent(f -> f.result(data.plan(), environment, parts, summary));
    output.folder().ifPresent(RunReport::page);
    console.out().print(SweepTable.render(summary, output.columns()) + ofTiers);
    RunReport.announce(console, output);
    return completion.and(new Completion(summary.complete(), 0));
  }

  private static String fromTier(Tier tier, Fleet fleet, QualityReporting.Outcome outcome) {
    return "\nWith chunks from %s, rounded by --tier-kv %s:\n%s"
        .formatted(tier.id(), String.join(" and ", fleet.roundingTierKv()), outcome.table());
  }

  /** Validates all parts before the first one runs: a run may take hours. */
  private void requireFit(List<TtftPlan> ttfts, Fleet fleet) {
    ttfts.forEach(plan -> new TtftBenchmark(plan, fleet, console.clock()).requireFit());
  }

  /** Estimates the duration of all parts. */
  Calibration.Estimate calibrate(PlannedSweep data, Fleet fleet) {
    List<Calibration.Estimate> parts = new ArrayList<>();
    data.plan()
        .ttft(bosCount(fleet))
        .forEach(plan -> parts.add(Calibration.of(plan, fleet, console.clock())));
    data.tasksByChunkSize(fleet)
        .forEach(
            part ->
                parts.add(
                    Calibration.of(
                        part.plan(),
                        part.task(),
                        fleet,
                        console.clock(),
                        Encoders.of(console, output.style()))));
    return parts.stream().reduce(Calibration.Estimate::plus).orElseThrow();
  }

  private static int bosCount(Fleet fleet) {
    return fleet.bosTokenId().isPresent() ? 1 : 0;
  }

  private Output output(Optional<SweepFiles> files, String part) {
    return new Output(
        files.map(f -> f.part(part)),
        output.resume() && files.map(f -> f.begun(part)).orElse(false),
        output.style(),
        output.columns());
  }

  /** The plans of each chunk size, which have the same prompts. */
  private static List<List<TtftPlan>> bySize(List<TtftPlan> plans) {
    return List.copyOf(
        plans.stream()
            .collect(groupingBy(TtftPlan::chunkTokens, LinkedHashMap::new, toList()))
            .values());
  }

  private static String title(List<TtftPlan> group, int index, List<String> parts) {
    return group.size() == 1
        ? title(parts.get(index), index, parts)
        : parts.get(index)
            + " in "
            + group.size()
            + " tiers ("
            + (index + 1)
            + " to "
            + (index + group.size())
            + " of "
            + parts.size()
            + ")";
  }

  private static String title(String part, int index, List<String> parts) {
    return part + " (" + (index + 1) + " of " + parts.size() + ")";
  }
}
