package ai.cacheblend.orchestrator.compare;

import ai.cacheblend.orchestrator.records.QualityResult;
import ai.cacheblend.orchestrator.records.Result;
import ai.cacheblend.orchestrator.records.SweepResult;
import ai.cacheblend.orchestrator.records.TtftResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Two sets of runs, held against each other.
 *
 * @param pairs the runs that were compared
 * @param verdicts of all cells that both have: one family
 * @param failures by condition, the effects that fail it
 */
public record Comparison(
    List<Pair> pairs, List<Verdict> verdicts, Map<Condition, List<Effect>> failures) {

  /**
   * Two runs of one kind.
   *
   * @param onlyA cells that the first has alone, in words
   */
  public record Pair(
      Result a, Result b, List<FactChange> changes, List<String> onlyA, List<String> onlyB) {}

  /**
   * Compares every run of {@code a} with its like in {@code b}.
   *
   * @throws IncomparableException if two runs measured different things, or none has its like
   * @throws ai.cacheblend.orchestrator.plan.PlanException if a condition is about nothing
   */
  public static Comparison of(List<Result> a, List<Result> b, List<Condition> conditions) {
    List<Pair> pairs = new ArrayList<>();
    List<Effect> effects = new ArrayList<>();
    boolean bySize = severalSizes(a) || severalSizes(b);
    for (Result[] likes : likes(a, b, bySize)) {
      List<FactChange> changes = FactChanges.between(likes[0], likes[1]);
      Optional<Integer> size = bySize ? Optional.of(chunkTokens(likes[0])) : Optional.empty();
      Map<Cell, Map<String, Double>> valuesA = CellValues.of(likes[0], size);
      Map<Cell, Map<String, Double>> valuesB = CellValues.of(likes[1], size);
      pairs.add(
          new Pair(
              likes[0], likes[1], changes, missing(valuesA, valuesB), missing(valuesB, valuesA)));
      valuesA.forEach(
          (cell, values) -> {
            if (valuesB.containsKey(cell)) {
              effects.add(Effect.of(cell, values, valuesB.get(cell)));
            }
          });
    }
    Map<Condition, List<Effect>> failures = new LinkedHashMap<>();
    conditions.forEach(condition -> failures.put(condition, condition.failing(effects)));
    return new Comparison(pairs, Verdict.of(effects), failures);
  }

  /** Whether there may be runs of several chunk sizes, as a sweep has them. */
  private static boolean severalSizes(List<Result> runs) {
    return runs.stream().anyMatch(SweepResult.class::isInstance)
        || runs.stream().filter(TtftResult.class::isInstance).count() > 1;
  }

  private static int chunkTokens(Result run) {
    return run.header().plan().path("chunk_tokens").asInt();
  }

  private static List<Result[]> likes(List<Result> a, List<Result> b, boolean bySize) {
    Map<String, Result> byKindA = byKind(a, bySize);
    Map<String, Result> byKindB = byKind(b, bySize);
    Set<String> shared = new LinkedHashSet<>(byKindA.keySet());
    shared.retainAll(byKindB.keySet());
    if (shared.isEmpty()) {
      throw new IncomparableException(
          "nothing to compare: the first has "
              + String.join(", ", byKindA.keySet())
              + ", the second "
              + String.join(", ", byKindB.keySet()));
    }
    return shared.stream()
        .map(kind -> new Result[] {byKindA.get(kind), byKindB.get(kind)})
        .toList();
  }

  private static Map<String, Result> byKind(List<Result> runs, boolean bySize) {
    Map<String, Result> byKind = new LinkedHashMap<>();
    // What a sweep says as a whole follows from its parts, which are there as well.
    for (Result run : runs.stream().filter(r -> !(r instanceof SweepResult)).toList()) {
      String ttft = bySize ? "ttft in chunks of " + chunkTokens(run) : "ttft";
      String kind = run instanceof QualityResult quality ? "quality on " + quality.dataset() : ttft;
      Optional.ofNullable(byKind.put(kind, run))
          .ifPresent(
              other -> {
                throw new IncomparableException(
                    "two runs of "
                        + kind
                        + ", "
                        + other.header().folder()
                        + " and "
                        + run.header().folder()
                        + "; give the folder of one of them");
              });
    }
    return byKind;
  }

  private static List<String> missing(
      Map<Cell, Map<String, Double>> of, Map<Cell, Map<String, Double>> in) {
    return of.keySet().stream().filter(cell -> !in.containsKey(cell)).map(Cell::words).toList();
  }

  public boolean failed() {
    return failures.values().stream().anyMatch(failing -> !failing.isEmpty());
  }
}
