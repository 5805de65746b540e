package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.plan.Arm;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.records.KvLoads;
import ai.cacheblend.orchestrator.records.Measure;
import ai.cacheblend.orchestrator.records.SpeedUpStatistics;
import ai.cacheblend.orchestrator.records.TierPoint;
import ai.cacheblend.orchestrator.records.Trial;
import ai.cacheblend.orchestrator.records.TtftSummary;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * TTFT by tier. Full prefill reads no chunks and is measured with the device only. Its trials are
 * paired with those of the tiers by prompt.
 */
final class TierPoints {
  private TierPoints() {}

  /**
   * Points by chunk size, length, tier and arm, in the orders of the plans; empty without tiers.
   */
  static List<TierPoint> of(List<SweepAnalysis.Speed> speeds, int bosCount) {
    List<TierPoint> points = new ArrayList<>();
    if (speeds.stream().allMatch(SweepAnalysis.Speed::onDevice)) {
      return points;
    }
    for (SweepAnalysis.Speed device : speeds.stream().filter(s -> s.onDevice()).toList()) {
      List<SweepAnalysis.Speed> sameSize =
          speeds.stream()
              .filter(speed -> speed.plan().chunkTokens() == device.plan().chunkTokens())
              .toList();
      for (int length : device.plan().lengths()) {
        sameSize.forEach(from -> points.addAll(points(device, from, length, bosCount)));
      }
    }
    return points;
  }

  private static List<TierPoint> points(
      SweepAnalysis.Speed device, SweepAnalysis.Speed from, int length, int bosCount) {
    TtftSummary.Row row = from.row(length);
    List<TierPoint> points = new ArrayList<>();
    if (row.n() > 0) {
      KvLoads loads = KvLoads.of(from.trials());
      for (NamedArm arm : from.plan().arms()) {
        points.add(
            new TierPoint(
                arm.name(),
                ratio(arm),
                from.plan().source(),
                SweepAnalysis.shape(from.plan(), length, bosCount),
                row.arms().get(arm.name()).clientTtft(),
                speedUp(device, from, arm, length),
                overDevice(device, from, arm, length),
                hidden(loads, arm, length)));
      }
    }
    return points;
  }

  private static OptionalDouble ratio(NamedArm arm) {
    return arm.arm() instanceof Arm.FullKvReuse
        ? OptionalDouble.of(0)
        : arm.selectorOfAnyRatio().isPresent()
            ? ((Arm.CacheBlend) arm.arm()).selector().ratio()
            : OptionalDouble.empty();
  }

  private static OptionalDouble hidden(KvLoads loads, NamedArm arm, int length) {
    return loads.rows().stream()
        .filter(row -> row.length() == length && row.arm().equals(arm.name()))
        .findFirst()
        .map(KvLoads.Row::hidden)
        .orElse(OptionalDouble.empty());
  }

  /** Full prefill with the device divided by the arm. */
  private static Optional<SpeedUpStatistics> speedUp(
      SweepAnalysis.Speed device, SweepAnalysis.Speed from, NamedArm arm, int length) {
    NamedArm baseline = device.plan().baseline().orElseThrow();
    if (arm.equals(baseline)) {
      return Optional.empty();
    }
    return ratio(seconds(device, baseline, length), seconds(from, arm, length));
  }

  private static Optional<SpeedUpStatistics> overDevice(
      SweepAnalysis.Speed device, SweepAnalysis.Speed from, NamedArm arm, int length) {
    return from.onDevice()
        ? Optional.empty()
        : ratio(seconds(from, arm, length), seconds(device, arm, length));
  }

  /** Of the prompts that both have. */
  private static Optional<SpeedUpStatistics> ratio(
      Map<String, Double> dividends, Map<String, Double> divisors) {
    List<String> prompts = dividends.keySet().stream().filter(divisors::containsKey).toList();
    return prompts.isEmpty()
        ? Optional.empty()
        : Optional.of(
            SpeedUpStatistics.of(
                prompts.stream().mapToDouble(dividends::get).toArray(),
                prompts.stream().mapToDouble(divisors::get).toArray()));
  }

  /** By prompt, in the order of the trials. */
  private static Map<String, Double> seconds(SweepAnalysis.Speed speed, NamedArm arm, int length) {
    Map<String, Double> seconds = new LinkedHashMap<>();
    for (Trial trial : speed.valid(length)) {
      seconds.put(
          trial.promptHash(), trial.armRun(arm.name()).seconds(Measure.CLIENT_TTFT).orElseThrow());
    }
    return seconds;
  }
}
