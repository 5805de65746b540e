package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.metrics.NonInferiorityRule;
import ai.cacheblend.metrics.Verdict;
import ai.cacheblend.orchestrator.console.GateTable;
import ai.cacheblend.orchestrator.console.Progress;
import ai.cacheblend.orchestrator.dataset.QualityTask;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.records.BlockListener;
import ai.cacheblend.orchestrator.records.EarlierBlocks;
import ai.cacheblend.orchestrator.records.Environment;
import ai.cacheblend.orchestrator.records.QualityFiles;
import ai.cacheblend.orchestrator.records.RecordFolder;
import ai.cacheblend.orchestrator.records.Sample;
import ai.cacheblend.orchestrator.records.SystemFacts;
import ai.cacheblend.orchestrator.run.Fleet;
import ai.cacheblend.orchestrator.run.Gate;
import ai.cacheblend.orchestrator.run.QualityBenchmark;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Runs a gate until the test decides, and reports the verdict. */
record GateReporting(Console console, Output output, List<String> commandLine) {

  /**
   * The verdict.
   *
   * @param invalidCount samples up to the decision that have no valid result
   */
  record Outcome(Verdict verdict, int invalidCount) {}

  Outcome run(QualityPlan plan, QualityTask task, Fleet fleet) {
    Environment environment =
        SystemFacts.environment(
            console.clock().wall().instant(), commandLine, plan.datasetSha256(), fleet.infos());
    warnIfTooFew(plan);
    Gate gate = new Gate(plan, fleet.model().layerCount());
    Optional<RecordFolder<Sample>> files =
        output
            .folder()
            .map(folder -> QualityFiles.open(folder, plan, environment, output.resume()));
    try {
      files.flatMap(RecordFolder::resumeNote).ifPresent(console.err()::println);
      EarlierBlocks<Sample> earlier = files.map(RecordFolder::earlier).orElse(EarlierBlocks.none());
      earlier.blocks().forEach(gate::add);
      QualityBenchmark benchmark =
          new QualityBenchmark(
              plan, task, fleet, console.clock(), Encoders.of(console, output.style()));
      answer(benchmark, earlier, gate, fleet, files);
      List<Sample> tested = gate.tested();
      files.ifPresent(
          f ->
              QualityFiles.result(
                  f, plan, environment, gate.summary(), tested, Optional.of(gate.decision())));
      output.folder().ifPresent(folder -> RunReport.write(console, folder, benchmark::examples));
      tested.stream()
          .filter(sample -> !sample.valid())
          .forEach(
              sample ->
                  console.errorLine(
                      "invalid: sample %s: %s"
                          .formatted(sample.id(), sample.problem().orElseThrow())));
      console.out().print(GateTable.render(plan, gate, output.columns()));
      RunReport.announce(console, output);
      return new Outcome(
          gate.verdict(), (int) tested.stream().filter(sample -> !sample.valid()).count());
    } finally {
      files.ifPresent(RecordFolder::close);
    }
  }

  private void warnIfTooFew(QualityPlan plan) {
    long needed = NonInferiorityRule.samplesToPass(plan.margin());
    if (plan.samples() < needed) {
      console
          .err()
          .printf(
              "warning: margin is %s and the run has %d samples; a pass needs %d if no score"
                  + " differs%n",
              plan.margin(), plan.samples(), needed);
    }
  }

  private void answer(
      QualityBenchmark benchmark,
      EarlierBlocks<Sample> earlier,
      Gate gate,
      Fleet fleet,
      Optional<RecordFolder<Sample>> files) {
    try (Progress<Sample> progress =
        new Progress<>(
            ProgressSubjects.quality("gate", fleet.addresses()),
            output.style(),
            console.err(),
            console.clock().ticker())) {
      List<BlockListener<Sample>> listeners = new ArrayList<>(List.of(progress, gate));
      files.ifPresent(listeners::add);
      benchmark.run(earlier, BlockListener.all(listeners), gate.order(), gate::isDecided);
    }
  }
}
