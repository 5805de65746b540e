package ai.cacheblend.orchestrator.console;

import ai.cacheblend.orchestrator.compare.Cell;
import ai.cacheblend.orchestrator.compare.ComparedMeasure;
import ai.cacheblend.orchestrator.compare.Comparison;
import ai.cacheblend.orchestrator.compare.Effect;
import ai.cacheblend.orchestrator.compare.FactChange;
import ai.cacheblend.orchestrator.compare.Verdict;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A comparison for people: what differs, the verdicts, the conditions. */
public final class CompareTable {
  private CompareTable() {}

  public static String render(Comparison comparison) {
    StringBuilder text = new StringBuilder();
    comparison.pairs().forEach(pair -> facts(text, pair));
    for (ComparedMeasure measure : ComparedMeasure.values()) {
      List<Verdict> verdicts =
          comparison.verdicts().stream()
              .filter(verdict -> verdict.effect().cell().measure() == measure)
              .toList();
      if (!verdicts.isEmpty()) {
        text.append(table(measure, verdicts)).append('\n');
      }
    }
    text.append(summary(comparison));
    comparison
        .failures()
        .forEach(
            (condition, failing) ->
                text.append(failing.isEmpty() ? "passed: " : "FAILED: ")
                    .append(condition.text())
                    .append(failing.isEmpty() ? "" : " by ")
                    .append(String.join(", ", failing.stream().map(e -> e.cell().words()).toList()))
                    .append('\n'));
    return text.toString();
  }

  private static void facts(StringBuilder text, Comparison.Pair pair) {
    text.append(pair.a().header().folder() + " (A) and " + pair.b().header().folder() + " (B): ");
    text.append(
        pair.changes().isEmpty()
            ? "plan, model, data, device and versions are the same\n"
            : "model and data are the same, these differ\n");
    for (FactChange change : pair.changes()) {
      text.append("  " + change.name() + ": " + change.a() + " -> " + change.b() + "\n");
    }
    pair.onlyA().forEach(cell -> text.append("  only in A: " + cell + "\n"));
    pair.onlyB().forEach(cell -> text.append("  only in B: " + cell + "\n"));
    text.append('\n');
  }

  private static String table(ComparedMeasure measure, List<Verdict> verdicts) {
    TextTable table =
        new TextTable(
            List.of(
                measure.label(),
                "arm",
                "A",
                "B",
                "B against A",
                "95 %",
                "pairs",
                "p (Holm)",
                "verdict"));
    for (Verdict verdict : verdicts) {
      Effect effect = verdict.effect();
      table.row(
          List.of(
              place(effect.cell()),
              effect.cell().arm(),
              value(measure, effect.meanA()),
              value(measure, effect.meanB()),
              effect.change().map(c -> change(measure, c)).orElse(""),
              interval(effect),
              effect.pairCount() > 0
                  ? Integer.toString(effect.pairCount())
                  : "none (" + effect.countA() + " and " + effect.countB() + ")",
              verdict.adjustedP().map(CompareTable::p).orElse(""),
              verdict.words()));
    }
    return table.render();
  }

  private static String place(Cell cell) {
    String chunks = cell.chunkTokens().map(tokens -> " in chunks of " + tokens).orElse("");
    return cell.length().map(l -> l + " tokens" + chunks).or(cell::dataset).orElse("");
  }

  private static String interval(Effect effect) {
    ComparedMeasure measure = effect.cell().measure();
    Optional<Double> high = effect.high95();
    return effect
        .low95()
        .map(low -> change(measure, low) + ".." + change(measure, high.orElseThrow()))
        .orElse("");
  }

  private static String p(double p) {
    return p < 1e-4 ? "<0.0001" : text("%.4f", p);
  }

  private static String value(ComparedMeasure measure, double value) {
    return switch (measure) {
      case TTFT -> text("%.2f ms", value * 1e3);
      case SPEEDUP -> text("%.2fx", value);
      case QUALITY -> text("%.4f", value);
    };
  }

  private static String change(ComparedMeasure measure, double change) {
    return measure.relative() ? text("%+.1f %%", 100 * change) : text("%+.4f", change);
  }

  private static String summary(Comparison comparison) {
    long resolved = comparison.verdicts().stream().filter(Verdict::resolved).count();
    return text(
        "%s%nVerdicts are corrected for %d comparisons (Holm, 5 %% in all); each interval is of its own"
            + " cell. Neither holds what varies from one start of a worker to the next.%n",
        resolved == 0 ? "No difference resolved." : "Differences resolved: " + resolved + ".",
        comparison.verdicts().size());
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
