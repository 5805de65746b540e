package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.dataset.QualityTask;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.report.Environment;
import ai.cacheblend.orchestrator.report.Progress;
import ai.cacheblend.orchestrator.report.QualityFiles;
import ai.cacheblend.orchestrator.report.QualityTable;
import ai.cacheblend.orchestrator.report.SystemFacts;
import ai.cacheblend.orchestrator.run.Fleet;
import ai.cacheblend.orchestrator.run.QualityBenchmark;
import ai.cacheblend.orchestrator.run.QualitySummary;
import ai.cacheblend.orchestrator.run.RunListener;
import ai.cacheblend.orchestrator.run.SampleResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Runs a quality plan and reports it: progress, files, table. */
record QualityReporting(
    Console console, Progress.Style style, Optional<Path> folder, List<String> commandLine) {

  /** The table and the figures behind it. */
  record Outcome(QualitySummary summary, String table) {}

  Outcome run(QualityPlan plan, QualityTask task, Fleet fleet) {
    Environment environment =
        SystemFacts.environment(console.clock().wall().instant(), commandLine, fleet);
    List<RunListener<SampleResult>> listeners = new ArrayList<>();
    listeners.add(
        new Progress<>(
            plan.dataset(),
            style,
            console.err(),
            console.clock().ticker(),
            QualityReporting::label));
    Optional<QualityFiles> files = folder.map(QualityFiles::new);
    try {
      files.ifPresent(listeners::add);
      List<SampleResult> samples =
          new QualityBenchmark(plan, task, fleet, console.clock()).run(RunListener.all(listeners));
      QualitySummary summary = QualitySummary.of(plan, samples);
      files.ifPresent(f -> f.result(plan, environment, summary));
      samples.forEach(this::complain);
      String table = QualityTable.render(plan, summary);
      console.out().print(table);
      return new Outcome(summary, table);
    } finally {
      files.ifPresent(QualityFiles::close);
    }
  }

  private static String label(SampleResult sample) {
    if (!sample.valid()) {
      return sample.id() + ", INVALID";
    }
    return sample.answers().stream()
        .map(
            answer ->
                String.format(Locale.ROOT, "%.2f", answer.scores().values().iterator().next()))
        .collect(Collectors.joining(" / "));
  }

  private void complain(SampleResult sample) {
    sample
        .problem()
        .ifPresent(
            problem -> console.err().printf("invalid: sample %s: %s%n", sample.id(), problem));
  }
}
