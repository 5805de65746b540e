package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.metrics.NonInferiority;
import ai.cacheblend.orchestrator.console.GateTable;
import ai.cacheblend.orchestrator.console.Progress;
import ai.cacheblend.orchestrator.dataset.QualityTask;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.records.Environment;
import ai.cacheblend.orchestrator.records.QualityFiles;
import ai.cacheblend.orchestrator.records.RecordFolder;
import ai.cacheblend.orchestrator.records.SystemFacts;
import ai.cacheblend.orchestrator.run.Earlier;
import ai.cacheblend.orchestrator.run.Fleet;
import ai.cacheblend.orchestrator.run.Gate;
import ai.cacheblend.orchestrator.run.QualityBenchmark;
import ai.cacheblend.orchestrator.run.RunListener;
import ai.cacheblend.orchestrator.run.SampleResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Runs a gate look by look until it is decided, and reports it. */
record GateReporting(Console console, Output output, List<String> commandLine) {

  NonInferiority run(QualityPlan plan, QualityTask task, Fleet fleet) {
    Environment environment =
        SystemFacts.environment(
            console.clock().wall().instant(), commandLine, plan.datasetSha256(), fleet);
    Gate gate = new Gate(plan);
    Optional<RecordFolder<SampleResult>> files =
        output
            .folder()
            .map(folder -> QualityFiles.open(folder, plan, environment, output.resume()));
    try {
      files.flatMap(RecordFolder::resumeNote).ifPresent(console.err()::println);
      Earlier<SampleResult> earlier = files.map(RecordFolder::earlier).orElse(Earlier.none());
      List<SampleResult> samples = earlier.results();
      List<List<Gate.Look>> looks = new ArrayList<>();
      for (int count : gate.looks()) {
        samples =
            answer(
                new QualityBenchmark(plan, task.first(count), fleet, console.clock()),
                new Earlier<>(earlier.session(), samples),
                fleet,
                files);
        // A resumed run may hold samples of a later look, which this one must not know.
        looks.add(
            gate.look(count, samples.stream().filter(sample -> sample.index() < count).toList()));
        if (Gate.verdict(looks.get(looks.size() - 1)) != NonInferiority.UNDECIDED) {
          break;
        }
      }
      List<SampleResult> all = samples;
      files.ifPresent(f -> QualityFiles.result(f, plan, environment, all, gate, looks));
      QualityBenchmark whole = new QualityBenchmark(plan, task, fleet, console.clock());
      output.folder().ifPresent(folder -> RunReport.write(console, folder, whole::examples));
      all.stream()
          .filter(sample -> !sample.valid())
          .forEach(
              sample ->
                  console
                      .err()
                      .printf(
                          "invalid: sample %s: %s%n", sample.id(), sample.problem().orElseThrow()));
      console.out().print(GateTable.render(plan, gate, looks));
      return Gate.verdict(looks.get(looks.size() - 1));
    } finally {
      files.ifPresent(RecordFolder::close);
    }
  }

  private List<SampleResult> answer(
      QualityBenchmark benchmark,
      Earlier<SampleResult> earlier,
      Fleet fleet,
      Optional<RecordFolder<SampleResult>> files) {
    try (Progress<SampleResult> progress =
        new Progress<>(
            ProgressSubjects.quality("gate", fleet.addresses()),
            output.style(),
            console.err(),
            console.clock().ticker())) {
      List<RunListener<SampleResult>> listeners = new ArrayList<>(List.of(progress));
      files.ifPresent(listeners::add);
      return benchmark.run(earlier, RunListener.all(listeners));
    }
  }
}
