package ai.cacheblend.orchestrator.records;

import ai.cacheblend.orchestrator.plan.SweepPlan;
import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.io.Resources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Built-in sweep plans, by name. */
public final class NamedPlans {
  public static final String DEFAULT = "default";

  private static final List<String> NAMES = List.of(DEFAULT, "paper", "lengths");

  private NamedPlans() {}

  public static List<String> names() {
    return NAMES;
  }

  public static SweepPlan sweep(String name, List<String> workers) {
    return SweepPlanJson.read(read(name).get("plan"), workers);
  }

  /** Description of a plan, in one line. */
  public static String about(String name) {
    return read(name).get("about").textValue();
  }

  private static JsonNode read(String name) {
    try {
      return Json.parse(
          Resources.toString(
              Resources.getResource("plans/" + name + ".json"), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
