package ai.cacheblend.orchestrator.cli;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import ai.cacheblend.orchestrator.plan.Defaults;
import ai.cacheblend.orchestrator.plan.WarmUp;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The length of the warm-up. */
final class WarmUpOptions {
  @Option(
      names = "--warmup",
      paramLabel = "N",
      description =
          "Number of unmeasured trials per length and worker (default: until times are stable).")
  private Integer warmup;

  @Option(
      names = "--warmup-cap",
      paramLabel = "N",
      description =
          "Maximum unmeasured trials per length and worker; the result lists lengths where times were"
              + " not stable by then (default: "
              + Defaults.WARM_UP_CAP
              + ").")
  private Integer warmupCap;

  /** Empty if no option was given. */
  Optional<WarmUp> warmUp() {
    if (warmup == null) {
      return Optional.ofNullable(warmupCap).map(WarmUp::untilStable);
    }
    require(warmupCap == null, "--warmup and --warmup-cap exclude each other; give one");
    return Optional.of(WarmUp.exactly(warmup));
  }
}
