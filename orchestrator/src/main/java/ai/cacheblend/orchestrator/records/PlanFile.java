package ai.cacheblend.orchestrator.records;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * {@code plan.json}: plan and environment of a run, written before its first block. A resumed
 * session must have the same plan.
 *
 * @param environment of the session that began the run
 * @param sessions one or more; empty for a sweep, whose parts have sessions of their own
 */
record PlanFile(String benchmark, ObjectNode plan, ObjectNode environment, List<Session> sessions) {
  static final String NAME = "plan.json";

  /**
   * One process of the run.
   *
   * @param keptBlocks complete measured blocks of earlier sessions
   * @param discardedRows rows of incomplete blocks, which are run again
   */
  record Session(Instant startedAt, List<String> commandLine, int keptBlocks, int discardedRows) {
    Session {
      commandLine = List.copyOf(commandLine);
    }
  }

  PlanFile {
    sessions = List.copyOf(sessions);
  }

  /** The file of a new run. */
  static PlanFile begun(String benchmark, ObjectNode plan, Environment environment) {
    return new PlanFile(
        benchmark,
        plan,
        environment.toJson(),
        List.of(new Session(environment.startedAt(), environment.commandLine(), 0, 0)));
  }

  /** The file of a run that consists of other runs. */
  static PlanFile ofParts(String benchmark, ObjectNode plan, Environment environment) {
    return new PlanFile(benchmark, plan, environment.toJson(), List.of());
  }

  /** A copy with a further session. */
  PlanFile resumed(Session session) {
    List<Session> all = new ArrayList<>(sessions);
    all.add(session);
    return new PlanFile(benchmark, plan, environment, all);
  }

  String planId() {
    return PlanJson.id(plan);
  }

  static PlanFile read(Path folder) {
    Path file = folder.resolve(NAME);
    require(
        Files.exists(file), "--resume: " + file + " does not exist; leave --resume out to begin");
    JsonValue json = JsonValue.file(file);
    RecordFormat.require(json);
    return new PlanFile(
        json.text("benchmark"),
        json.object("plan"),
        json.object("environment"),
        json.list("sessions", PlanFile::session));
  }

  private static Session session(JsonValue json) {
    return new Session(
        Instant.parse(json.text("started_at")),
        json.list("command_line", JsonValue::text),
        json.integer("kept_blocks"),
        json.integer("discarded_rows"));
  }

  void write(Path folder) {
    ObjectNode json = Json.object();
    json.put("benchmark", benchmark);
    json.put(RecordFormat.FIELD, RecordFormat.VERSION);
    json.put("plan_id", planId());
    json.set("sessions", sessionsJson());
    json.set("plan", plan);
    json.set("environment", environment);
    Json.writeFile(folder.resolve(NAME), Json.pretty(json));
  }

  ArrayNode sessionsJson() {
    ArrayNode array = Json.array();
    for (Session session : sessions) {
      ObjectNode json = array.addObject();
      json.put("started_at", session.startedAt.toString());
      json.set("command_line", Json.strings(session.commandLine));
      json.put("kept_blocks", session.keptBlocks);
      json.put("discarded_rows", session.discardedRows);
    }
    return array;
  }

  /** Rejects a different plan, model, tokenizer, device, data set, or number format of tiers. */
  void requireSame(PlanFile other) {
    List<String> differences = new ArrayList<>();
    compare(differences, "benchmark", Json.text(benchmark), Json.text(other.benchmark));
    TreeSet<String> fields = new TreeSet<>();
    plan.fieldNames().forEachRemaining(fields::add);
    other.plan.fieldNames().forEachRemaining(fields::add);
    fields.remove("workers");
    fields.forEach(
        field -> compare(differences, "plan " + field, plan.path(field), other.plan.path(field)));
    compare(
        differences,
        "dataset_sha256",
        environment.path("dataset_sha256"),
        other.environment.path("dataset_sha256"));
    List<String> facts =
        new ArrayList<>(List.of("/model/fingerprint", "/model/tokenizer_sha256", "/device_name"));
    if (plan.has("tier") || plan.has("tiers")) {
      facts.add("/tier_kv");
    }
    for (String fact : facts) {
      compare(
          differences,
          "worker's " + fact.substring(fact.lastIndexOf('/') + 1),
          ofWorkers(environment, fact),
          ofWorkers(other.environment, fact));
    }
    require(
        differences.isEmpty(),
        "--resume: the folder contains another run: "
            + String.join("; ", differences)
            + "; give the options of that run, or --plan with the "
            + NAME
            + " of the folder");
  }

  private static void compare(List<String> into, String what, JsonNode was, JsonNode is) {
    // Compared as text: a parsed number may have another node type than the original number.
    if (!was.toString().equals(is.toString())) {
      into.add(what + " is " + is + ", was " + was);
    }
  }

  /** Distinct values of a fact of the workers, sorted. */
  private static JsonNode ofWorkers(ObjectNode environment, String pointer) {
    TreeSet<String> values = new TreeSet<>();
    environment.path("workers").forEach(worker -> values.add(worker.at(pointer).asText()));
    return Json.strings(values);
  }
}
