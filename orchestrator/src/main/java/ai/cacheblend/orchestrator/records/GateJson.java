package ai.cacheblend.orchestrator.records;

import ai.cacheblend.orchestrator.console.GateTable;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.run.Gate;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** What a gate decided, and on what. */
final class GateJson {
  private GateJson() {}

  static ObjectNode of(QualityPlan plan, Gate gate, List<List<Gate.Look>> looks) {
    ObjectNode json = Json.object();
    json.put("verdict", GateTable.word(Gate.verdict(looks.get(looks.size() - 1))));
    json.put("margin", plan.margin());
    json.put("level", gate.level());
    ArrayNode array = json.putArray("looks");
    looks.forEach(arms -> arms.forEach(look -> array.add(look(look))));
    return json;
  }

  private static ObjectNode look(Gate.Look look) {
    ObjectNode json = Json.object();
    json.put("arm", look.arm());
    json.put("samples", look.sampleCount());
    json.put("n", look.validCount());
    json.set("difference", Json.number(look.difference()));
    json.set("low", Json.number(look.interval().low()));
    json.set("high", Json.number(look.interval().high()));
    json.put("verdict", look.verdict().toString());
    return json;
  }
}
