package ai.cacheblend.orchestrator.client;

import ai.cacheblend.orchestrator.plan.Arm;
import ai.cacheblend.orchestrator.plan.PrefixReuse;
import ai.cacheblend.orchestrator.plan.PromptShape;
import ai.cacheblend.orchestrator.plan.RowCounts;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * How the chunks of a prompt came to the device.
 *
 * @param recomputedSegments cached segments that were computed instead of loaded
 * @param ratio that was used, for arms that raise it
 * @param predictedTtftNanos TTFT that the worker predicted; empty while it has measured too little
 * @param predictedLoadNanos its prediction of {@code loadNanos}
 * @param loadNanos from scheduling until the chunks were on the device; 0 if all were there
 */
public record LoadReport(
    List<Integer> recomputedSegments,
    OptionalDouble ratio,
    OptionalLong predictedTtftNanos,
    OptionalLong predictedLoadNanos,
    long loadNanos) {
  public static final LoadReport NONE =
      new LoadReport(
          List.of(), OptionalDouble.empty(), OptionalLong.empty(), OptionalLong.empty(), 0);

  public LoadReport {
    recomputedSegments = List.copyOf(recomputedSegments);
  }

  /**
   * Reason if the report does not match the request; empty if it does.
   *
   * @param mayRecompute whether the worker was free to compute chunks
   */
  public Optional<String> problem(Arm arm, PromptShape shape, boolean mayRecompute) {
    List<PromptShape.Part> parts = shape.parts();
    for (int segment : recomputedSegments) {
      if (segment < 0 || segment >= parts.size() || !parts.get(segment).cached()) {
        return Optional.of("recomputed segment " + segment + " is not cached");
      }
    }
    if (!recomputedSegments.isEmpty() && !mayRecompute) {
      return Optional.of("chunks computed instead of loaded: " + recomputedSegments.size());
    }
    boolean raises = arm instanceof Arm.CacheBlend blend && blend.raisesRatio();
    if (ratio.isPresent()) {
      return raises
          ? ratioProblem((Arm.CacheBlend) arm)
          : Optional.of("the worker raised the ratio");
    }
    // Without cached rows, there is nothing to recompute.
    return raises && shape.computing(recomputedSegments).cachedTokenCount() > 0
        ? Optional.of("the worker reports no ratio")
        : Optional.empty();
  }

  private Optional<String> ratioProblem(Arm.CacheBlend arm) {
    double used = ratio.getAsDouble();
    double least = arm.selector().ratio().orElseThrow();
    return used >= least && used <= 1
        ? Optional.empty()
        : Optional.of("ratio " + used + " is not between " + least + " and 1");
  }

  /** The rows of {@code arm} for a prompt of this shape, with what was computed and raised. */
  public RowCounts expectedRows(Arm arm, PromptShape shape, int layerCount, PrefixReuse prefix) {
    Arm used =
        arm instanceof Arm.CacheBlend blend && ratio.isPresent()
            ? blend.withRatio(ratio.getAsDouble())
            : arm;
    return RowCounts.expected(used, shape.computing(recomputedSegments), layerCount, prefix);
  }

  /** The share of the load during which compute did not wait; empty without a load. */
  public OptionalDouble hiddenShare(long waitNanos) {
    return loadNanos == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(Math.max(0, 1 - (double) waitNanos / loadNanos));
  }
}
