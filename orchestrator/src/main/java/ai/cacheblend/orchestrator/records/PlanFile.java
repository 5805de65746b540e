package ai.cacheblend.orchestrator.records;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import ai.cacheblend.orchestrator.plan.PlanException;
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
 * {@code plan.json}: what a run is, before it has a result, and what a session that goes on with it
 * must agree with.
 *
 * @param environment of the session that began the run
 * @param sessions one at least; none of a run that consists of others, which have theirs
 */
record PlanFile(String benchmark, ObjectNode plan, ObjectNode environment, List<Session> sessions) {
  static final String NAME = "plan.json";
  static final int FORMAT_VERSION = 2;

  /**
   * One process of the run.
   *
   * @param keptBlocks whole measured blocks that it found
   * @param discardedRows rows that it found and left out, since their blocks were not whole
   */
  record Session(Instant startedAt, List<String> commandLine, int keptBlocks, int discardedRows) {
    Session {
      commandLine = List.copyOf(commandLine);
    }
  }

  PlanFile {
    sessions = List.copyOf(sessions);
  }

  /** That of a run that begins. */
  static PlanFile begun(String benchmark, ObjectNode plan, Environment environment) {
    return new PlanFile(
        benchmark,
        plan,
        environment.toJson(),
        List.of(new Session(environment.startedAt(), environment.commandLine(), 0, 0)));
  }

  /** That of a run that consists of others. */
  static PlanFile ofParts(String benchmark, ObjectNode plan, Environment environment) {
    return new PlanFile(benchmark, plan, environment.toJson(), List.of());
  }

  /** The same with one session more. */
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
    JsonNode json = Json.read(file);
    try {
      List<Session> sessions = new ArrayList<>();
      for (JsonNode session : json.required("sessions")) {
        List<String> commandLine = new ArrayList<>();
        session.required("command_line").forEach(word -> commandLine.add(word.asText()));
        sessions.add(
            new Session(
                Instant.parse(session.required("started_at").asText()),
                commandLine,
                session.required("kept_blocks").intValue(),
                session.required("discarded_rows").intValue()));
      }
      return new PlanFile(
          json.required("benchmark").asText(),
          (ObjectNode) json.required("plan"),
          (ObjectNode) json.required("environment"),
          sessions);
    } catch (IllegalArgumentException | ClassCastException e) {
      throw new PlanException(file + " is not a plan of a run: " + e.getMessage());
    }
  }

  void write(Path folder) {
    ObjectNode json = Json.object();
    json.put("benchmark", benchmark);
    json.put("format_version", FORMAT_VERSION);
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

  /** Refuses to go on with another plan, or on another model, device or data. */
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
    for (String fact : List.of("/model/fingerprint", "/model/tokenizer_sha256", "/device_name")) {
      compare(
          differences,
          "worker's " + fact.substring(fact.lastIndexOf('/') + 1),
          ofWorkers(environment, fact),
          ofWorkers(other.environment, fact));
    }
    require(
        differences.isEmpty(),
        "--resume: this is another run: "
            + String.join("; ", differences)
            + "; give the run's own options, or --plan "
            + NAME
            + " of its folder");
  }

  private static void compare(List<String> into, String what, JsonNode was, JsonNode is) {
    // As text: a number that was read may be of another type than one that was not written yet.
    if (!was.toString().equals(is.toString())) {
      into.add(what + " is " + is + ", was " + was);
    }
  }

  /** What the workers say, each thing once, in order. */
  private static JsonNode ofWorkers(ObjectNode environment, String pointer) {
    TreeSet<String> values = new TreeSet<>();
    environment.path("workers").forEach(worker -> values.add(worker.at(pointer).asText()));
    return Json.strings(values);
  }
}
