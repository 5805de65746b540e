package ai.cacheblend.orchestrator.compare;

import ai.cacheblend.orchestrator.records.Facts;
import ai.cacheblend.orchestrator.records.QualityResult;
import ai.cacheblend.orchestrator.records.Result;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Finds the facts that differ between two runs; rejects runs that cannot be compared. */
final class FactChanges {
  /** Facts that do not affect measurements. */
  private static final String INCIDENTAL =
      "started at|command line|workers( \\d+ / (address|model / directory))?";

  private static final String MISSING = "-";
  private static final String UNKNOWN = "unknown";

  private FactChanges() {}

  /**
   * Facts of plan and environment that differ, and builds that are not known.
   *
   * @throws IncomparableException if model, tokenizer, data or metric differ
   */
  static List<FactChange> between(Result a, Result b) {
    requireSame("model fingerprint", model(a, "fingerprint"), model(b, "fingerprint"), a, b);
    requireSame("tokenizer", model(a, "tokenizer_sha256"), model(b, "tokenizer_sha256"), a, b);
    requireSame("data", data(a), data(b), a, b);
    if (a instanceof QualityResult one && b instanceof QualityResult other) {
      requireSame("metric", one.metric(), other.metric(), a, b);
    }
    List<FactChange> changes = new ArrayList<>();
    add(changes, "plan", a.header().plan(), b.header().plan());
    add(changes, "environment", a.header().environment(), b.header().environment());
    addUnknownBuilds(changes, a.header().environment(), b.header().environment());
    return changes;
  }

  private static String model(Result run, String field) {
    String value = run.header().model(field);
    return value.isEmpty() ? "of " + field + " unknown" : value;
  }

  /** Checksum of the data file, or of the text of the prompts. */
  private static String data(Result run) {
    String ofPlan = run.header().plan().path("dataset_sha256").asText("");
    return ofPlan.isEmpty() ? run.header().environment().path("dataset_sha256").asText("") : ofPlan;
  }

  private static void requireSame(String what, String one, String other, Result a, Result b) {
    if (!one.equals(other)) {
      throw new IncomparableException(
          what
              + " differs, so that the runs cannot be compared: "
              + one
              + " in "
              + a.header().folder()
              + ", "
              + other
              + " in "
              + b.header().folder());
    }
  }

  private static void add(List<FactChange> changes, String of, JsonNode a, JsonNode b) {
    Map<String, String> factsA = Facts.of(a);
    Map<String, String> factsB = Facts.of(b);
    Set<String> names = new LinkedHashSet<>(factsA.keySet());
    names.addAll(factsB.keySet());
    for (String name : names) {
      String inA = Optional.ofNullable(factsA.get(name)).orElse(MISSING);
      String inB = Optional.ofNullable(factsB.get(name)).orElse(MISSING);
      if (!inA.equals(inB) && !name.matches(INCIDENTAL)) {
        changes.add(new FactChange(of + " / " + name, inA, inB));
      }
    }
  }

  /** Builds that neither run identifies: they may differ although no fact does. */
  private static void addUnknownBuilds(List<FactChange> changes, JsonNode a, JsonNode b) {
    List<String> pointers = new ArrayList<>(List.of("/code_sha256"));
    for (int i = 0; i < Math.max(a.path("workers").size(), b.path("workers").size()); i++) {
      pointers.add("/workers/" + i + "/code_sha256");
      pointers.add("/workers/" + i + "/native_library_sha256");
    }
    for (String pointer : pointers) {
      if (a.at(pointer).asText("").isEmpty() && b.at(pointer).asText("").isEmpty()) {
        changes.add(new FactChange("environment" + pointer, UNKNOWN, UNKNOWN));
      }
    }
  }
}
