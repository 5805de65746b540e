package ai.cacheblend.orchestrator.console;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import ai.cacheblend.orchestrator.compare.Cell;
import ai.cacheblend.orchestrator.compare.ComparedMeasure;
import ai.cacheblend.orchestrator.compare.Comparison;
import ai.cacheblend.orchestrator.compare.Effect;
import ai.cacheblend.orchestrator.compare.FactChange;
import ai.cacheblend.orchestrator.compare.Verdict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Formats a comparison: changed configuration, verdicts, conditions. */
public final class CompareTable {
  /** Column texts of verdicts without a resolved difference. */
  private static final Map<String, String> SHORT =
      Map.of("too few trials", "too few", "no difference resolved", "not resolved");

  private CompareTable() {}

  public static String render(Comparison comparison, Columns columns) {
    StringBuilder text = new StringBuilder();
    comparison.pairs().forEach(pair -> facts(text, pair));
    unmatched(text, "A", comparison.onlyA());
    unmatched(text, "B", comparison.onlyB());
    for (ComparedMeasure measure : ComparedMeasure.values()) {
      comparison.verdicts().stream()
          .filter(verdict -> verdict.effect().cell().measure() == measure)
          .collect(groupingBy(v -> v.effect().cell().tier(), LinkedHashMap::new, toList()))
          .forEach((tier, of) -> text.append(table(measure, tier, of, columns)).append('\n'));
    }
    text.append(summary(comparison));
    comparison
        .failures()
        .forEach(
            (condition, failing) ->
                text.append(
                    TextLines.wrapped(
                        failing.isEmpty()
                            ? "passed: " + condition.text()
                            : (failing.stream().allMatch(comparison::measuredWhileBusy)
                                    ? "UNDECIDED, a machine was busy: "
                                    : "FAILED: ")
                                + condition.text()
                                + " by "
                                + String.join(
                                    ", ", failing.stream().map(e -> e.cell().words()).toList()))));
    return text.toString();
  }

  private static void facts(StringBuilder text, Comparison.Pair pair) {
    text.append(
        TextLines.wrapped(
            "A: "
                + pair.a().header().folder()
                + ", B: "
                + pair.b().header().folder()
                + (pair.changes().isEmpty()
                    ? "; plan, model, data, device and builds are the same"
                    : "; model and data are the same, these differ or are unknown:")));
    for (FactChange change : pair.changes()) {
      text.append("  " + change.name() + ": " + change.a() + " -> " + change.b() + "\n");
    }
    pair.busyMachines().forEach(line -> text.append(TextLines.wrapped("  " + line)));
    pair.onlyA().forEach(cell -> text.append("  only in A: " + cell + "\n"));
    pair.onlyB().forEach(cell -> text.append("  only in B: " + cell + "\n"));
    text.append('\n');
  }

  private static void unmatched(StringBuilder text, String side, List<String> runs) {
    if (!runs.isEmpty()) {
      text.append(
              TextLines.wrapped("Not compared, only in " + side + ": " + String.join(", ", runs)))
          .append('\n');
    }
  }

  private static String table(
      ComparedMeasure measure, Optional<String> tier, List<Verdict> verdicts, Columns columns) {
    String unit = measure == ComparedMeasure.TTFT || measure == ComparedMeasure.ITL ? ", ms" : "";
    boolean load = verdicts.stream().anyMatch(v -> v.effect().cell().load().isPresent());
    List<String> header =
        new ArrayList<>(
            List.of(
                "arm",
                measure == ComparedMeasure.QUALITY ? "data set" : load ? "load" : "tokens",
                "A" + unit,
                "B" + unit,
                measure.relative() ? "change, % (95 %)" : "B - A (95 %)",
                "verdict"));
    if (columns == Columns.ALL) {
      header.addAll(List.of("pairs", "p (Holm)"));
    }
    TextTable table = new TextTable(columns, header);
    for (Verdict verdict : verdicts) {
      Effect effect = verdict.effect();
      List<String> cells =
          new ArrayList<>(
              List.of(
                  effect.cell().arm(),
                  place(effect.cell()),
                  value(measure, effect.meanA()),
                  value(measure, effect.meanB()),
                  change(effect),
                  verdict.resolved() ? verdict.words() : SHORT.getOrDefault(verdict.words(), "")));
      if (columns == Columns.ALL) {
        cells.add(
            effect.pairCount() > 0
                ? Integer.toString(effect.pairCount())
                : "none (" + effect.countA() + " and " + effect.countB() + ")");
        cells.add(verdict.adjustedP().map(CompareTable::p).orElse(""));
      }
      table.row(cells);
    }
    return measure.label() + tier.map(of -> " from " + of).orElse("") + "\n" + table.render();
  }

  private static String place(Cell cell) {
    String chunks = cell.chunkTokens().map(tokens -> " by " + tokens).orElse("");
    return cell.length().map(String::valueOf).or(cell::dataset).or(cell::load).orElse("") + chunks;
  }

  private static String change(Effect effect) {
    if (effect.change().isEmpty()) {
      return "";
    }
    boolean relative = effect.cell().measure().relative();
    return change(relative, effect.change().get())
        + " ("
        + change(relative, effect.low95().orElseThrow())
        + " to "
        + change(relative, effect.high95().orElseThrow())
        + ")";
  }

  private static String change(boolean relative, double change) {
    return relative ? text("%+.1f", 100 * change) : Numbers.scoreDifference(change);
  }

  private static String p(double p) {
    return p < 1e-4 ? "<0.0001" : Numbers.significant(p);
  }

  private static String value(ComparedMeasure measure, double value) {
    return switch (measure) {
      case TTFT, ITL -> Numbers.millis(value);
      case SPEEDUP, THROUGHPUT, CAPACITY -> Numbers.significant(value);
      case QUALITY -> Numbers.score(value);
    };
  }

  private static String summary(Comparison comparison) {
    long resolved = comparison.verdicts().stream().filter(Verdict::resolved).count();
    return text(
        "%s%nVerdicts are corrected for %d comparisons (Holm, 5 %% in all). Intervals are not%n"
            + "corrected. Neither includes variation between two starts of a worker.%n",
        resolved == 0 ? "No difference resolved." : "Differences resolved: " + resolved + ".",
        comparison.verdicts().size());
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
