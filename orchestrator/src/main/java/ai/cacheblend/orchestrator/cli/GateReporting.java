package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.metrics.NonInferiorityRule;
import ai.cacheblend.metrics.Verdict;
import ai.cacheblend.orchestrator.console.GateTable;
import ai.cacheblend.orchestrator.console.Progress;
import ai.cacheblend.orchestrator.dataset.QualityTask;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.records.BlockListener;
import ai.cacheblend.orchestrator.records.EarlierBlocks;
import ai.cacheblend.orchestrator.records.Environment;
import ai.cacheblend.orchestrator.records.QualityFiles;
import ai.cacheblend.orchestrator.records.RecordFolder;
import ai.cacheblend.orchestrator.records.Sample;
import ai.cacheblend.orchestrator.records.SystemFacts;
import ai.cacheblend.orchestrator.run.ArmSelection;
import ai.cacheblend.orchestrator.run.Fleet;
import ai.cacheblend.orchestrator.run.Gate;
import ai.cacheblend.orchestrator.run.QualityBenchmark;
import ai.cacheblend.orchestrator.run.SampleOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

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
    Optional<RecordFolder<Sample>> files =
        output
            .folder()
            .map(folder -> QualityFiles.open(folder, plan, environment, output.resume()));
    try {
      files.flatMap(RecordFolder::resumeNote).ifPresent(console.err()::println);
      EarlierBlocks<Sample> earlier = files.map(RecordFolder::earlier).orElse(EarlierBlocks.none());
      Optional<ArmSelection> selection =
          plan.selectionSamples().isPresent()
              ? Optional.of(select(plan, benchmark(plan, task, fleet), earlier, fleet, files))
              : Optional.empty();
      QualityPlan tests = selection.map(ArmSelection::testPlan).orElse(plan);
      Gate gate = gate(plan, tests, fleet);
      EarlierBlocks<Sample> ofTest = complete(earlier, tests);
      ofTest.blocks().stream()
          .filter(sample -> gate.order().indices().contains(sample.index()))
          .forEach(gate::add);
      QualityBenchmark benchmark = benchmark(tests, task, fleet);
      answer(benchmark, ofTest, gate, fleet, files);
      List<Sample> tested = gate.tested();
      files.ifPresent(
          f ->
              QualityFiles.result(
                  f,
                  plan,
                  environment,
                  gate.summary(),
                  tested,
                  Optional.of(gate.decision(selection.map(s -> s.record(gate))))));
      output.folder().ifPresent(folder -> RunReport.write(console, folder, benchmark::examples));
      tested.stream()
          .filter(sample -> !sample.valid())
          .forEach(
              sample ->
                  console.errorLine(
                      "invalid: sample %s: %s"
                          .formatted(sample.id(), sample.problem().orElseThrow())));
      console.out().print(GateTable.render(tests, gate, selection, output.columns()));
      RunReport.announce(console, output);
      return new Outcome(
          gate.verdict(), (int) tested.stream().filter(sample -> !sample.valid()).count());
    } finally {
      files.ifPresent(RecordFolder::close);
    }
  }

  private void warnIfTooFew(QualityPlan plan) {
    long needed = NonInferiorityRule.samplesToPass(plan.margin());
    int tested = plan.samples() - plan.selectionSamples().orElse(0);
    if (tested < needed) {
      console
          .err()
          .printf(
              "warning: margin is %s and the run tests %d samples; a pass needs %d if no"
                  + " score differs%n",
              plan.margin(), tested, needed);
    }
  }

  private QualityBenchmark benchmark(QualityPlan plan, QualityTask task, Fleet fleet) {
    return new QualityBenchmark(
        plan, task, fleet, console.clock(), Encoders.of(console, output.style()));
  }

  private static Gate gate(QualityPlan plan, QualityPlan tests, Fleet fleet) {
    int layerCount = fleet.model().layerCount();
    return plan.selectionSamples().isPresent()
        ? Gate.inSequence(
            tests, SampleOrder.random(plan).after(plan.selectionSamples().getAsInt()), layerCount)
        : new Gate(plan, layerCount);
  }

  /** Blocks that have every arm of the test: a resumed selection may choose other arms. */
  private static EarlierBlocks<Sample> complete(EarlierBlocks<Sample> earlier, QualityPlan tests) {
    Set<String> names = tests.arms().stream().map(NamedArm::name).collect(Collectors.toSet());
    return new EarlierBlocks<>(
        earlier.session(),
        earlier.blocks().stream().filter(sample -> sample.withArms(names).isPresent()).toList());
  }

  /** Runs every candidate on the samples of the selection. */
  private ArmSelection select(
      QualityPlan plan,
      QualityBenchmark benchmark,
      EarlierBlocks<Sample> earlier,
      Fleet fleet,
      Optional<RecordFolder<Sample>> files) {
    SampleOrder order = SampleOrder.random(plan).first(plan.selectionSamples().getAsInt());
    try (Progress<Sample> progress =
        new Progress<>(
            ProgressSubjects.quality("selection", fleet.addresses()),
            output.style(),
            console.err(),
            console.clock().ticker())) {
      List<BlockListener<Sample>> listeners = new ArrayList<>(List.of(progress));
      files.ifPresent(listeners::add);
      List<Sample> samples =
          benchmark.run(earlier, BlockListener.all(listeners), order, () -> false).stream()
              .filter(sample -> order.indices().contains(sample.index()))
              .toList();
      return ArmSelection.of(plan, samples, fleet.model().layerCount());
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
