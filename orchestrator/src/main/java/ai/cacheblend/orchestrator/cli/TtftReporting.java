package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.console.KvLoadTable;
import ai.cacheblend.orchestrator.console.Progress;
import ai.cacheblend.orchestrator.console.TtftTable;
import ai.cacheblend.orchestrator.dataset.TtftCorpus;
import ai.cacheblend.orchestrator.plan.TtftPlan;
import ai.cacheblend.orchestrator.records.BlockListener;
import ai.cacheblend.orchestrator.records.EarlierBlocks;
import ai.cacheblend.orchestrator.records.Environment;
import ai.cacheblend.orchestrator.records.KvLoads;
import ai.cacheblend.orchestrator.records.RecordFolder;
import ai.cacheblend.orchestrator.records.SystemFacts;
import ai.cacheblend.orchestrator.records.Trial;
import ai.cacheblend.orchestrator.records.TtftFiles;
import ai.cacheblend.orchestrator.records.TtftSummary;
import ai.cacheblend.orchestrator.run.Fleet;
import ai.cacheblend.orchestrator.run.TtftAnalysis;
import ai.cacheblend.orchestrator.run.TtftBenchmark;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Runs a TTFT plan and reports it: progress, files, table. */
record TtftReporting(Console console, Output output, List<String> commandLine) {

  /** Runs a plan and prints the table. */
  record Outcome(TtftSummary summary, List<Trial> trials, String table) {
    Completion completion() {
      return new Completion(
          summary.complete(), summary.rows().stream().mapToInt(TtftSummary.Row::invalid).sum());
    }
  }

  Outcome run(TtftPlan plan, Fleet fleet) {
    Outcome outcome = measure("ttft", plan, fleet);
    console.out().print(outcome.table);
    RunReport.announce(console, output);
    return outcome;
  }

  /** Runs a plan without printing the table. */
  Outcome measure(String title, TtftPlan plan, Fleet fleet) {
    return measure(title, plan, fleet, true);
  }

  /**
   * The same.
   *
   * @param withExamples whether the run records an example prompt of each length
   */
  Outcome measure(String title, TtftPlan plan, Fleet fleet, boolean withExamples) {
    Environment environment =
        SystemFacts.environment(
            console.clock().wall().instant(),
            commandLine,
            TtftCorpus.embeddedSha256(),
            fleet.infos());
    Optional<RecordFolder<Trial>> files =
        output.folder().map(folder -> TtftFiles.open(folder, plan, environment, output.resume()));
    try {
      files.flatMap(RecordFolder::resumeNote).ifPresent(console.err()::println);
      TtftBenchmark benchmark = new TtftBenchmark(plan, fleet, console.clock());
      List<Trial> trials = run(title, benchmark, fleet, files);
      TtftSummary summary = TtftAnalysis.summary(plan, trials, fleet.model().layerCount());
      files.ifPresent(f -> TtftFiles.result(f, plan, environment, summary, trials));
      output
          .folder()
          .ifPresent(
              folder ->
                  RunReport.write(console, folder, withExamples ? benchmark::examples : List::of));
      trials.stream().filter(Trial::measured).forEach(this::reportProblem);
      return new Outcome(
          summary,
          trials,
          TtftTable.render(plan, summary, output.columns())
              + KvLoadTable.render(KvLoads.of(trials), output.columns()));
    } finally {
      files.ifPresent(RecordFolder::close);
    }
  }

  private List<Trial> run(
      String title, TtftBenchmark benchmark, Fleet fleet, Optional<RecordFolder<Trial>> files) {
    try (Progress<Trial> progress =
        new Progress<>(
            ProgressSubjects.ttft(title, fleet.addresses()),
            output.style(),
            console.err(),
            console.clock().ticker())) {
      List<BlockListener<Trial>> listeners = new ArrayList<>(List.of(progress));
      files.ifPresent(listeners::add);
      return benchmark.run(
          files.map(RecordFolder::earlier).orElse(EarlierBlocks.none()),
          BlockListener.all(listeners));
    }
  }

  private void reportProblem(Trial trial) {
    trial.armRuns().stream()
        .filter(run -> !run.valid())
        .findFirst()
        .ifPresent(
            run ->
                console.errorLine(
                    "invalid: trial %d of %d tokens, %s: %s"
                        .formatted(
                            trial.trial(),
                            trial.length(),
                            run.arm(),
                            run.problem().orElseThrow())));
  }
}
