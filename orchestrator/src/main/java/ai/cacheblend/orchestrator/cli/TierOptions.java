package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.plan.ChunkSource;
import ai.cacheblend.orchestrator.plan.PlanException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import picocli.CommandLine.Option;

/** The tiers of a sweep, and limits of their rates. */
final class TierOptions {
  @Option(
      names = "--tiers",
      paramLabel = "TIER,...",
      split = ",",
      hideParamSyntax = true,
      description =
          "Also measure TTFT with the chunks of each trial in these tiers of the worker, as"
              + " ttft --tier: host, disk, store, also with a limit of the rate of loading, such as"
              + " host@3GB/s. The device is always measured, and may be listed (default: from the"
              + " plan).")
  private List<String> tiers;

  @Option(
      names = "--throttle",
      paramLabel = "RATE,...",
      split = ",",
      hideParamSyntax = true,
      description =
          "Also load from each tier that is listed without a limit at these rates at most, for"
              + " example 1GB/s,3GB/s, to measure with slower storage.")
  private List<String> throttles;

  /** Each tier without a limit, then with each limit. */
  List<ChunkSource> tiers(List<ChunkSource> otherwise) {
    PlanException.require(
        tiers != null || throttles == null, "throttle is given without tiers; add --tiers");
    if (tiers == null) {
      return otherwise;
    }
    List<ChunkSource> sources = new ArrayList<>();
    for (String name : tiers) {
      if (!name.equals(ChunkSource.DEVICE)) {
        ChunkSource source = ChunkSource.ofId(name);
        sources.add(source);
        if (throttles != null && source.bytesPerSecond().isEmpty()) {
          throttles.forEach(
              rate ->
                  sources.add(
                      new ChunkSource(source.tier(), OptionalLong.of(ChunkSource.rate(rate)))));
        }
      }
    }
    PlanException.require(
        throttles == null || !sources.isEmpty(),
        "throttle is given with the device only; add host, disk or store to --tiers");
    PlanException.require(
        throttles == null || sources.stream().anyMatch(of -> of.bytesPerSecond().isEmpty()),
        "throttle is given, but each of tiers has a limit; list one without, such as host");
    return sources;
  }
}
