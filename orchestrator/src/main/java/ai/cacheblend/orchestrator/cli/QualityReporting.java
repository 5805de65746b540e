package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.console.Progress;
import ai.cacheblend.orchestrator.console.QualityTable;
import ai.cacheblend.orchestrator.dataset.QualityTask;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.records.BlockListener;
import ai.cacheblend.orchestrator.records.EarlierBlocks;
import ai.cacheblend.orchestrator.records.Environment;
import ai.cacheblend.orchestrator.records.QualityFiles;
import ai.cacheblend.orchestrator.records.QualitySummary;
import ai.cacheblend.orchestrator.records.RecordFolder;
import ai.cacheblend.orchestrator.records.Sample;
import ai.cacheblend.orchestrator.records.SystemFacts;
import ai.cacheblend.orchestrator.run.Fleet;
import ai.cacheblend.orchestrator.run.QualityAnalysis;
import ai.cacheblend.orchestrator.run.QualityBenchmark;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Runs a quality plan and reports it: progress, files, table. */
record QualityReporting(Console console, Output output, List<String> commandLine) {

  /** Runs a plan and prints the table. */
  record Outcome(QualitySummary summary, List<Sample> samples, String table) {
    Completion completion() {
      return new Completion(summary.n() > 0, summary.invalid());
    }
  }

  Outcome run(QualityPlan plan, QualityTask task, Fleet fleet) {
    Outcome outcome = measure(plan.dataset(), plan, task, fleet);
    console.out().print(outcome.table);
    RunReport.announce(console, output);
    return outcome;
  }

  /** Runs a plan without printing the table. */
  Outcome measure(String title, QualityPlan plan, QualityTask task, Fleet fleet) {
    Environment environment =
        SystemFacts.environment(
            console.clock().wall().instant(), commandLine, plan.datasetSha256(), fleet.infos());
    Optional<RecordFolder<Sample>> files =
        output
            .folder()
            .map(folder -> QualityFiles.open(folder, plan, environment, output.resume()));
    try {
      files.flatMap(RecordFolder::resumeNote).ifPresent(console.err()::println);
      QualityBenchmark benchmark =
          new QualityBenchmark(
              plan, task, fleet, console.clock(), Encoders.of(console, output.style()));
      List<Sample> samples = run(title, benchmark, fleet, files);
      QualitySummary summary = QualityAnalysis.summary(plan, samples, fleet.model().layerCount());
      files.ifPresent(
          f -> QualityFiles.result(f, plan, environment, summary, samples, Optional.empty()));
      output.folder().ifPresent(folder -> RunReport.write(console, folder, benchmark::examples));
      samples.forEach(this::reportProblem);
      return new Outcome(summary, samples, QualityTable.render(plan, summary, output.columns()));
    } finally {
      files.ifPresent(RecordFolder::close);
    }
  }

  private List<Sample> run(
      String title, QualityBenchmark benchmark, Fleet fleet, Optional<RecordFolder<Sample>> files) {
    try (Progress<Sample> progress =
        new Progress<>(
            ProgressSubjects.quality(title, fleet.addresses()),
            output.style(),
            console.err(),
            console.clock().ticker())) {
      List<BlockListener<Sample>> listeners = new ArrayList<>(List.of(progress));
      files.ifPresent(listeners::add);
      return benchmark.run(
          files.map(RecordFolder::earlier).orElse(EarlierBlocks.none()),
          BlockListener.all(listeners));
    }
  }

  private void reportProblem(Sample sample) {
    sample
        .problem()
        .ifPresent(
            problem -> console.errorLine("invalid: sample %s: %s".formatted(sample.id(), problem)));
  }
}
