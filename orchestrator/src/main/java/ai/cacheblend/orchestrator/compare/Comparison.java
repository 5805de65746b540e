package ai.cacheblend.orchestrator.compare;

import ai.cacheblend.orchestrator.records.BlockLoad;
import ai.cacheblend.orchestrator.records.LoadResult;
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
 * Comparison of two sets of runs.
 *
 * @param pairs the runs that were compared
 * @param onlyA runs of the first set without a match in the second, such as {@code ttft in chunks
 *     of 512 from disk}
 * @param onlyB likewise
 * @param verdicts of all common cells: one family of tests
 * @param failures by condition, the effects that fail it
 */
public record Comparison(
    List<Pair> pairs,
    List<String> onlyA,
    List<String> onlyB,
    List<Verdict> verdicts,
    Map<Condition, List<Effect>> failures) {

  /**
   * Two runs of one kind.
   *
   * @param onlyA cells of only the first run, in the syntax of conditions
   */
  public record Pair(
      Result a, Result b, List<FactChange> changes, List<String> onlyA, List<String> onlyB) {

    /** One line for each busy machine of each of the two runs. */
    public List<String> busyMachines() {
      List<String> lines = new ArrayList<>();
      busy(a).forEach(line -> lines.add("run A: " + line));
      busy(b).forEach(line -> lines.add("run B: " + line));
      return lines;
    }

    private static List<String> busy(Result run) {
      return run instanceof TtftResult ttft
          ? BlockLoad.warnings(
              ttft.trials().stream().filter(t -> t.measured() && t.valid()).toList())
          : List.of();
    }

    /** Whether the runs have {@code cell}. */
    private boolean covers(Cell cell) {
      return a instanceof TtftResult && cell.load().isEmpty() && RunPart.of(a).covers(cell);
    }
  }

  /**
   * Compares every run of {@code a} with the matching run of {@code b}.
   *
   * @throws IncomparableException if two runs measured different things, or no runs match
   * @throws ai.cacheblend.orchestrator.plan.PlanException if a condition matches no cell
   */
  public static Comparison of(List<Result> a, List<Result> b, List<Condition> conditions) {
    List<Pair> pairs = new ArrayList<>();
    List<Effect> effects = new ArrayList<>();
    RunPart.Names names = RunPart.Names.of(a, b);
    Map<String, Result> byKindA = byKind(a, names);
    Map<String, Result> byKindB = byKind(b, names);
    for (Result[] match : matchingRuns(byKindA, byKindB)) {
      List<FactChange> changes = FactChanges.between(match[0], match[1]);
      RunPart part = names.part(match[0]);
      Map<Cell, Map<String, Double>> valuesA = CellValues.of(match[0], part);
      Map<Cell, Map<String, Double>> valuesB = CellValues.of(match[1], part);
      pairs.add(
          new Pair(
              match[0], match[1], changes, missing(valuesA, valuesB), missing(valuesB, valuesA)));
      valuesA.forEach(
          (cell, values) -> {
            if (valuesB.containsKey(cell)) {
              effects.add(Effect.of(cell, values, valuesB.get(cell)));
            }
          });
      if (match[0] instanceof LoadResult before && match[1] instanceof LoadResult after) {
        effects.addAll(LoadCells.capacities(before, after));
      }
    }
    Map<Condition, List<Effect>> failures = new LinkedHashMap<>();
    conditions.forEach(condition -> failures.put(condition, condition.failing(effects)));
    return new Comparison(
        pairs,
        unmatched(byKindA, byKindB),
        unmatched(byKindB, byKindA),
        Verdict.of(effects),
        failures);
  }

  private static List<String> unmatched(Map<String, Result> of, Map<String, Result> in) {
    return of.keySet().stream().filter(kind -> !in.containsKey(kind)).toList();
  }

  private static List<Result[]> matchingRuns(
      Map<String, Result> byKindA, Map<String, Result> byKindB) {
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

  private static Map<String, Result> byKind(List<Result> runs, RunPart.Names names) {
    Map<String, Result> byKind = new LinkedHashMap<>();
    // The points of a sweep are derived from its parts, which are compared instead.
    for (Result run : runs.stream().filter(r -> !(r instanceof SweepResult)).toList()) {
      String kind =
          run instanceof QualityResult quality
              ? names.part(run).quality(quality)
              : run instanceof LoadResult ? "load" : names.part(run).ttft();
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

  /** Whether a condition holds. */
  public boolean failed() {
    return failures.values().stream().anyMatch(failing -> !failing.isEmpty());
  }

  /** Whether a condition holds on values that were not measured on a busy machine. */
  public boolean failedOnIdleMachines() {
    return failures.values().stream().flatMap(List::stream).anyMatch(e -> !measuredWhileBusy(e));
  }

  /**
   * Whether {@code effect} is a difference of times, one of which was measured on a busy machine.
   */
  public boolean measuredWhileBusy(Effect effect) {
    return effect.cell().measure().timing()
        && pairs.stream()
            .anyMatch(pair -> pair.covers(effect.cell()) && !pair.busyMachines().isEmpty());
  }
}
