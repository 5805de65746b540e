package ai.cacheblend.benchmarks.aa;

import ai.cacheblend.metrics.SpeedUp;
import ai.cacheblend.orchestrator.plan.Arm;
import ai.cacheblend.orchestrator.plan.ArmDefaults;
import ai.cacheblend.orchestrator.plan.ArmSyntax;
import ai.cacheblend.orchestrator.plan.TtftPlan;
import ai.cacheblend.orchestrator.plan.WarmUp;
import ai.cacheblend.orchestrator.run.Earlier;
import ai.cacheblend.orchestrator.run.Fleet;
import ai.cacheblend.orchestrator.run.RunClock;
import ai.cacheblend.orchestrator.run.RunListener;
import ai.cacheblend.orchestrator.run.TtftBenchmark;
import ai.cacheblend.orchestrator.run.TtftSummary;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Many runs with a known truth, and what they say of it. */
public final class AaExperiment {
  private static final double FULL_PREFILL_SECONDS = 0.1;
  private static final int LENGTH = 64;

  private AaExperiment() {}

  /**
   * What runs said.
   *
   * @param resolvedCount runs whose interval excludes 1
   * @param coveringCount runs whose interval holds the true speed-up
   * @param warnedCount runs that suspected the worker
   */
  public record Outcome(int runCount, int resolvedCount, int coveringCount, int warnedCount) {}

  /** Runs with a true speed-up of the {@code cacheblend} arm; the same from the same seed. */
  public static Outcome of(double speedUp, int trials, int runCount, long seed) {
    List<TtftSummary> summaries =
        IntStream.range(0, runCount).mapToObj(run -> run(speedUp, trials, seed + run)).toList();
    List<SpeedUp> found =
        summaries.stream()
            .map(summary -> summary.rows().get(0).arms().get("cacheblend"))
            .map(figures -> figures.speedUp().orElseThrow())
            .toList();
    return new Outcome(
        runCount,
        (int) found.stream().filter(SpeedUp::isResolved).count(),
        (int) found.stream().filter(s -> s.low95() <= speedUp && speedUp <= s.high95()).count(),
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
            WarmUp.untilStable(WarmUp.DEFAULT_CAP),
            LENGTH,
            TtftPlan.Suffix.ofTokens(8),
            ArmSyntax.parseAll("full_prefill,full_kv_reuse,cacheblend", ArmDefaults.seed(0)),
            2,
            seed,
            List.of(worker.address()));
    RunClock clock = new RunClock(machine, InstantSource.system());
    return TtftSummary.of(
        plan,
        new TtftBenchmark(plan, Fleet.connect(List.of(worker)), clock)
            .run(Earlier.none(), new RunListener<>() {}));
  }

  /** Prints a table; the argument is the number of runs of each kind. */
  public static void main(String[] arguments) {
    int runCount = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 400;
    System.out.printf("%d runs of each kind%n%n", runCount);
    System.out.println("| trials | A/A: resolved | A/A: warned | true 1.3x: covered | resolved |");
    System.out.println("|---|---|---|---|---|");
    for (int trials : List.of(5, 10, 20)) {
      Outcome same = of(1, trials, runCount, 1_000_000L * trials);
      Outcome faster = of(1.3, trials, runCount, 1_000_000L * trials + 500_000);
      System.out.printf(
          Locale.ROOT,
          "| %d | %.2f %% | %.2f %% | %.2f %% | %.2f %% |%n",
          trials,
          100.0 * same.resolvedCount() / runCount,
          100.0 * same.warnedCount() / runCount,
          100.0 * faster.coveringCount() / runCount,
          100.0 * faster.resolvedCount() / runCount);
    }
  }
}
