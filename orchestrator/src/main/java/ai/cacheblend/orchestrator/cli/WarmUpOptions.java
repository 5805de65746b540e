package ai.cacheblend.orchestrator.cli;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import ai.cacheblend.orchestrator.plan.WarmUp;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How long workers are warmed up. */
final class WarmUpOptions {
  @Option(
      names = "--warmup",
      paramLabel = "N",
      description =
          "So many trials per length and worker that do not count (default: until times are"
              + " stable).")
  private Integer warmup;

  @Option(
      names = "--warmup-cap",
      paramLabel = "N",
      description =
          "Longest warm-up per length and worker; the result says where times were not stable by"
              + " then (default: 12).")
  private Integer warmupCap;

  /** Empty if no option was given. */
  Optional<WarmUp> warmUp() {
    if (warmup == null) {
      return Optional.ofNullable(warmupCap).map(WarmUp::untilStable);
    }
    require(warmupCap == null, "--warmup and --warmup-cap: give one of them");
    return Optional.of(WarmUp.exactly(warmup));
  }
}
