package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.console.KvLoadTable;
import ai.cacheblend.orchestrator.console.Progress;
import ai.cacheblend.orchestrator.console.TtftTable;
import ai.cacheblend.orchestrator.dataset.TtftCorpus;
import ai.cacheblend.orchestrator.plan.ChunkSource;
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
import ai.cacheblend.orchestrator.run.TtftGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Runs TTFT plans of the same prompts together, each with its own files.
 *
 * @param title start of the progress lines
 */
record TtftRuns(Console console, List<String> commandLine, String title, Fleet fleet) {

  /** A plan and where its results go. */
  record Part(TtftPlan plan, Output output) {}

  /** A part whose files are open. */
  private record Begun(Part part, TtftBenchmark benchmark, Optional<RecordFolder<Trial>> files) {}

  /** The outcome of each part. */
  List<TtftReporting.Outcome> measure(List<Part> parts) {
    Environment environment =
        SystemFacts.environment(
            console.clock().wall().instant(),
            commandLine,
            TtftCorpus.embeddedSha256(),
            fleet.infos());
    List<Begun> begun = new ArrayList<>();
    try {
      for (Part part : parts) {
        begun.add(
            new Begun(
                part,
                new TtftBenchmark(part.plan, fleet, console.clock()),
                part.output
                    .folder()
                    .map(f -> TtftFiles.open(f, part.plan, environment, part.output.resume()))));
      }
      begun.forEach(
          of -> of.files.flatMap(RecordFolder::resumeNote).ifPresent(console.err()::println));
      List<List<Trial>> trials = run(begun);
      List<TtftReporting.Outcome> outcomes = new ArrayList<>();
      for (int i = 0; i < begun.size(); i++) {
        outcomes.add(outcome(begun.get(i), trials.get(i), i == 0, environment));
      }
      return outcomes;
    } finally {
      begun.forEach(of -> of.files.ifPresent(RecordFolder::close));
    }
  }

  private List<List<Trial>> run(List<Begun> begun) {
    try (Progress<PlacedTrial> progress =
        new Progress<>(
            ProgressSubjects.ttft(title, fleet.addresses()),
            begun.get(0).part.output.style(),
            console.err(),
            console.clock().ticker())) {
      // One at a time: the parts of several workers end at once.
      BlockListener<PlacedTrial> shown = BlockListener.all(List.of(progress));
      List<TtftGroup.Part> parts = new ArrayList<>();
      for (Begun of : begun) {
        List<BlockListener<Trial>> listeners = new ArrayList<>();
        of.files.ifPresent(listeners::add);
        Optional<String> place =
            begun.size() > 1
                ? Optional.of(ChunkSource.id(of.part.plan.source()))
                : Optional.empty();
        listeners.add(PlacedTrial.shown(shown, place));
        parts.add(
            new TtftGroup.Part(
                of.benchmark,
                of.files.map(RecordFolder::earlier).orElse(EarlierBlocks.none()),
                BlockListener.all(listeners)));
      }
      return TtftGroup.run(fleet, parts, PlacedTrial.shown(shown, Optional.empty()));
    }
  }

  /**
   * @param withExamples parts have the same prompts, and recompute the same rows
   */
  private TtftReporting.Outcome outcome(
      Begun of, List<Trial> trials, boolean withExamples, Environment environment) {
    TtftPlan plan = of.part.plan;
    TtftSummary summary = TtftAnalysis.summary(plan, trials, fleet.model().layerCount());
    of.files.ifPresent(f -> TtftFiles.result(f, plan, environment, summary, trials));
    of.part
        .output
        .folder()
        .ifPresent(
            folder ->
                RunReport.write(console, folder, withExamples ? of.benchmark::examples : List::of));
    trials.stream().filter(Trial::measured).forEach(trial -> reportProblem(trial, plan));
    return new TtftReporting.Outcome(
        summary,
        trials,
        TtftTable.render(plan, summary, of.part.output.columns())
            + KvLoadTable.render(KvLoads.of(trials), of.part.output.columns()));
  }

  private void reportProblem(Trial trial, TtftPlan plan) {
    trial.armRuns().stream()
        .filter(run -> !run.valid())
        .findFirst()
        .ifPresent(
            run ->
                console.errorLine(
                    "invalid: trial %d of %d tokens%s, %s: %s"
                        .formatted(
                            trial.trial(),
                            trial.length(),
                            plan.source().map(source -> " from " + source.id()).orElse(""),
                            run.arm(),
                            run.problem().orElseThrow())));
  }
}
