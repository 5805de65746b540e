package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.console.SweepTable;
import ai.cacheblend.orchestrator.dataset.TtftCorpus;
import ai.cacheblend.orchestrator.plan.TtftPlan;
import ai.cacheblend.orchestrator.records.Environment;
import ai.cacheblend.orchestrator.records.SweepFiles;
import ai.cacheblend.orchestrator.records.SystemFacts;
import ai.cacheblend.orchestrator.run.Calibration;
import ai.cacheblend.orchestrator.run.Fleet;
import ai.cacheblend.orchestrator.run.QualityBenchmark;
import ai.cacheblend.orchestrator.run.SweepSummary;
import ai.cacheblend.orchestrator.run.TtftBenchmark;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Runs a sweep part by part, and reports what the parts say together. */
record SweepReporting(Console console, Output output, List<String> commandLine) {

  SweepSummary run(SweepData data, Fleet fleet) {
    int bosCount = bosCount(fleet);
    List<TtftPlan> ttfts = data.plan().ttft(bosCount);
    requireFit(ttfts, data, fleet);
    Environment environment =
        SystemFacts.environment(
            console.clock().wall().instant(), commandLine, TtftCorpus.embeddedSha256(), fleet);
    List<String> parts = new ArrayList<>();
    ttfts.forEach(plan -> parts.add("chunks-" + plan.chunkTokens()));
    data.parts().forEach(part -> parts.add(part.folder()));
    Optional<SweepFiles> files =
        output
            .folder()
            .map(
                folder ->
                    SweepFiles.open(folder, data.plan(), parts, environment, output.resume()));
    List<SweepSummary.Speed> speeds = new ArrayList<>();
    for (TtftPlan plan : ttfts) {
      String part = parts.get(speeds.size());
      TtftReporting.Outcome outcome =
          new TtftReporting(console, output(files, part), commandLine)
              .measure(title(part, speeds.size(), parts), plan, fleet);
      speeds.add(new SweepSummary.Speed(plan, outcome.trials(), outcome.summary()));
    }
    List<SweepSummary.Quality> qualities = new ArrayList<>();
    for (SweepData.Part of : data.parts()) {
      int index = speeds.size() + qualities.size();
      QualityReporting.Outcome outcome =
          new QualityReporting(console, output(files, parts.get(index)), commandLine)
              .measure(title(parts.get(index), index, parts), of.plan(), of.task(), fleet);
      qualities.add(new SweepSummary.Quality(of.plan(), outcome.samples(), outcome.summary()));
    }
    SweepSummary summary = SweepSummary.of(speeds, qualities, bosCount);
    files.ifPresent(f -> f.result(data.plan(), environment, parts, summary));
    output.folder().ifPresent(RunReport::page);
    console.out().print(SweepTable.render(summary));
    return summary;
  }

  /** Hours may lie before the part that would refuse. */
  private void requireFit(List<TtftPlan> ttfts, SweepData data, Fleet fleet) {
    ttfts.forEach(plan -> new TtftBenchmark(plan, fleet, console.clock()).requireFit());
    data.parts()
        .forEach(
            part ->
                new QualityBenchmark(part.plan(), part.task(), fleet, console.clock())
                    .requireFit());
  }

  /** How long the parts take together. */
  Calibration.Estimate calibrate(SweepData data, Fleet fleet) {
    List<Calibration.Estimate> parts = new ArrayList<>();
    data.plan()
        .ttft(bosCount(fleet))
        .forEach(plan -> parts.add(Calibration.of(plan, fleet, console.clock())));
    data.parts()
        .forEach(
            part -> parts.add(Calibration.of(part.plan(), part.task(), fleet, console.clock())));
    return parts.stream().reduce(Calibration.Estimate::plus).orElseThrow();
  }

  private static int bosCount(Fleet fleet) {
    return fleet.bosTokenId().isPresent() ? 1 : 0;
  }

  private Output output(Optional<SweepFiles> files, String part) {
    return new Output(
        files.map(f -> f.part(part)),
        output.resume() && files.map(f -> f.begun(part)).orElse(false),
        output.style());
  }

  private static String title(String part, int index, List<String> parts) {
    return part + " (" + (index + 1) + " of " + parts.size() + ")";
  }
}
