package ai.cacheblend.orchestrator.compare;

import ai.cacheblend.orchestrator.records.Json;
import ai.cacheblend.orchestrator.records.RecordFormat;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Optional;

/**
 * The file that {@code compare --out} writes. TTFT is in seconds. Changes are of B against A;
 * changes of {@code ttft} and {@code speedup} are shares.
 */
public final class ComparisonFile {
  private static final MathContext DIGITS = new MathContext(8);

  private ComparisonFile() {}

  public static ObjectNode of(Comparison comparison) {
    ObjectNode json = Json.object();
    json.put("format_version", RecordFormat.VERSION);
    ArrayNode runs = json.putArray("runs");
    comparison.pairs().forEach(pair -> runs.add(pair(pair)));
    json.set("only_a", Json.strings(comparison.onlyA()));
    json.set("only_b", Json.strings(comparison.onlyB()));
    json.put("family_size", comparison.verdicts().size());
    ArrayNode cells = json.putArray("cells");
    comparison.verdicts().forEach(verdict -> cells.add(cell(verdict)));
    ArrayNode conditions = json.putArray("conditions");
    comparison
        .failures()
        .forEach(
            (condition, failing) -> {
              ObjectNode of = conditions.addObject();
              of.put("fail_if", condition.text());
              of.put("failed", !failing.isEmpty());
              of.put(
                  "machine_busy",
                  !failing.isEmpty() && failing.stream().allMatch(comparison::measuredWhileBusy));
              of.set("by", Json.strings(failing.stream().map(e -> e.cell().words()).toList()));
            });
    json.put("failed", comparison.failed());
    return json;
  }

  private static ObjectNode pair(Comparison.Pair pair) {
    ObjectNode json = Json.object();
    json.put("a", pair.a().header().folder().toString());
    json.put("b", pair.b().header().folder().toString());
    ArrayNode differences = json.putArray("differences");
    for (FactChange change : pair.changes()) {
      differences.addObject().put("what", change.name()).put("a", change.a()).put("b", change.b());
    }
    json.set("busy_machines", Json.strings(pair.busyMachines()));
    json.set("only_a", Json.strings(pair.onlyA()));
    json.set("only_b", Json.strings(pair.onlyB()));
    return json;
  }

  private static ObjectNode cell(Verdict verdict) {
    Effect effect = verdict.effect();
    ObjectNode json = Json.object();
    json.put("measure", effect.cell().measure().label());
    json.put("arm", effect.cell().arm());
    effect.cell().length().ifPresent(length -> json.put("length", length));
    effect.cell().load().ifPresent(load -> json.put("load", load));
    effect.cell().chunkTokens().ifPresent(tokens -> json.put("chunk_tokens", tokens));
    effect.cell().tier().ifPresent(tier -> json.put("tier", tier));
    effect.cell().dataset().ifPresent(dataset -> json.put("dataset", dataset));
    json.put("n_a", effect.countA());
    json.put("n_b", effect.countB());
    json.put("pairs", effect.pairCount());
    json.set("mean_a", number(Optional.of(effect.meanA())));
    json.set("mean_b", number(Optional.of(effect.meanB())));
    json.set("change", number(effect.change()));
    json.set("low95", number(effect.low95()));
    json.set("high95", number(effect.high95()));
    json.set("p", number(verdict.p()));
    json.set("p_holm", number(verdict.adjustedP()));
    json.put("verdict", verdict.words());
    return json;
  }

  /** Rounded: logarithms differ in the last digits between machines. */
  private static JsonNode number(Optional<Double> value) {
    return Json.number(
        value.map(v -> new BigDecimal(v).round(DIGITS).doubleValue()).orElse(Double.NaN));
  }
}
