package ai.cacheblend.benchmarks.aa;

import ai.cacheblend.orchestrator.plan.Arm;
import ai.cacheblend.orchestrator.plan.ArmDefaults;
import ai.cacheblend.orchestrator.plan.ArmSyntax;
import ai.cacheblend.orchestrator.plan.Defaults;
import ai.cacheblend.orchestrator.plan.TtftPlan;
import ai.cacheblend.orchestrator.plan.WarmUp;
import ai.cacheblend.orchestrator.records.BlockListener;
import ai.cacheblend.orchestrator.records.EarlierBlocks;
import ai.cacheblend.orchestrator.records.SpeedUpStatistics;
import ai.cacheblend.orchestrator.records.TtftSummary;
import ai.cacheblend.orchestrator.run.Fleet;
import ai.cacheblend.orchestrator.run.RunClock;
import ai.cacheblend.orchestrator.run.TtftAnalysis;
import ai.cacheblend.orchestrator.run.TtftBenchmark;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.IntStream;

/** Benchmark runs on a simulated worker with a known speed-up. */
final class TtftExperiment {
  private static final double FULL_PREFILL_SECONDS = 0.1;
  private static final int LENGTH = 64;

  private TtftExperiment() {}

  /**
   * Outcomes of many runs.
   *
   * @param resolvedCount number of runs whose interval excludes 1
   * @param coveringCount number of runs whose interval contains the true speed-up
   * @param warnedCount number of runs with a warning about undisclosed prefix caching
   */
  record Outcome(int runCount, int resolvedCount, int coveringCount, int warnedCount) {}

  /** Runs with a true speed-up of the {@code cacheblend} arm; reproducible by seed. */
  static Outcome of(double speedUp, int trials, int runCount, long seed) {
    List<TtftSummary> summaries =
        IntStream.range(0, runCount).mapToObj(run -> run(speedUp, trials, seed + run)).toList();
    List<SpeedUpStatistics> speedUps =
        summaries.stream()
            .map(summary -> summary.rows().get(0).arms().get("cacheblend"))
            .map(arm -> arm.speedUp().orElseThrow())
            .toList();
    return new Outcome(
        runCount,
        (int) speedUps.stream().filter(SpeedUpStatistics::resolved).count(),
        (int) speedUps.stream().filter(s -> s.low95() <= speedUp && speedUp <= s.high95()).count(),
        (int) summaries.stream().filter(summary -> !summary.warnings().isEmpty()).count());
  }

  private static TtftSummary run(double speedUp, int trials, long seed) {
    NoisyMachine machine = new NoisyMachine(seed);
    SimulatedWorker worker =
        new SimulatedWorker(
            machine,
            arm ->
                arm instanceof Arm.CacheBlend
                    ? FULL_PREFILL_SECONDS / speedUp
                    : FULL_PREFILL_SECONDS);
    TtftPlan plan =
        new TtftPlan(
            List.of(LENGTH),
            trials,
            WarmUp.untilStable(Defaults.WARM_UP_CAP),
            LENGTH,
            TtftPlan.Suffix.ofTokens(8),
            ArmSyntax.parseAll("full_prefill,full_kv_reuse,cacheblend", ArmDefaults.seed(0)),
            2,
            seed,
            List.of(worker.address()));
    RunClock clock = new RunClock(machine, InstantSource.system());
    Fleet fleet = Fleet.connect(List.of(worker));
    return TtftAnalysis.summary(
        plan,
        new TtftBenchmark(plan, fleet, clock).run(EarlierBlocks.none(), new BlockListener<>() {}),
        fleet.model().layerCount());
  }

  static void print(int runCount) {
    System.out.printf("%d runs of each kind%n%n", runCount);
    Tables.header(
        "trials", List.of("A/A: resolved", "A/A: warned", "true 1.3x: covered", "resolved"));
    for (int trials : List.of(5, 10, 20)) {
      Outcome same = of(1, trials, runCount, 1_000_000L * trials);
      Outcome faster = of(1.3, trials, runCount, 1_000_000L * trials + 500_000);
      Tables.row(
          Integer.toString(trials),
          List.of(
              percent(same.resolvedCount(), runCount),
              percent(same.warnedCount(), runCount),
              percent(faster.coveringCount(), runCount),
              percent(faster.resolvedCount(), runCount)));
    }
  }

  private static String percent(int count, int runCount) {
    return Tables.text("%.2f %%", 100.0 * count / runCount);
  }
}
