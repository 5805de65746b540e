package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.plan.TtftPlan;
import ai.cacheblend.orchestrator.records.Trial;
import ai.cacheblend.orchestrator.records.TtftSummary;
import ai.cacheblend.orchestrator.run.Fleet;
import java.util.List;

/** Runs a TTFT plan and reports it: progress, files, table. */
record TtftReporting(Console console, Output output, List<String> commandLine) {

  /** Results of a plan, and their table. */
  record Outcome(TtftSummary summary, List<Trial> trials, String table) {
    Completion completion() {
      return new Completion(
          summary.complete(), summary.rows().stream().mapToInt(TtftSummary.Row::invalid).sum());
    }
  }

  /** Runs a plan and prints the table. */
  Outcome run(TtftPlan plan, Fleet fleet) {
    Outcome outcome = measure("ttft", plan, fleet);
    console.out().print(outcome.table);
    RunReport.announce(console, output);
    return outcome;
  }

  /** Runs a plan without printing the table. */
  Outcome measure(String title, TtftPlan plan, Fleet fleet) {
    return new TtftRuns(console, commandLine, title, fleet)
        .measure(List.of(new TtftRuns.Part(plan, output)))
        .get(0);
  }
}
