package ai.cacheblend.orchestrator.records;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import ai.cacheblend.orchestrator.plan.PlanException;
import ai.cacheblend.orchestrator.run.Earlier;
import ai.cacheblend.orchestrator.run.RunListener;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The folder of a run: the plan before anything runs, a record of every block as it ends, the
 * result when all have ended. Whatever moment a process is killed at, another can go on behind the
 * last whole block.
 *
 * @param <R> a block
 */
public final class RecordFolder<R> implements RunListener<R>, AutoCloseable {

  /** How blocks stand in a file of rows. */
  interface Format<R> {
    String file();

    List<ObjectNode> rows(R block);

    /** Equal for the rows of one block. */
    Object block(JsonNode row);

    /** The block of these rows; empty if it is not whole. */
    Optional<R> read(List<JsonNode> rows);

    /** Equal for blocks of which one is enough. */
    Object identity(R block);

    /** Whether it is a measured block. */
    boolean counts(R block);
  }

  /** The page of the run for people. */
  public static final String PAGE = "report.html";

  static final String RESULT = "result.json";

  /** Would pass for files of the run that begins, should that not end. */
  private static final List<String> OF_AN_ENDED_RUN = List.of(RESULT, Example.FILE, PAGE);

  private final Path folder;
  private final Format<R> format;
  private final JsonLines rows;
  private final PlanFile plan;
  private final Earlier<R> earlier;

  private RecordFolder(
      Path folder, Format<R> format, JsonLines rows, PlanFile plan, Earlier<R> earlier) {
    this.folder = folder;
    this.format = format;
    this.rows = rows;
    this.plan = plan;
    this.earlier = earlier;
  }

  /** A folder for a run that begins; what another run left in it is overwritten or removed. */
  static <R> RecordFolder<R> begin(Path folder, Format<R> format, PlanFile plan) {
    removeResult(folder);
    JsonLines rows = JsonLines.create(folder.resolve(format.file()));
    plan.write(folder);
    return new RecordFolder<>(folder, format, rows, plan, Earlier.none());
  }

  /** Removes what would pass for the result of a run that is about to begin. */
  static void removeResult(Path folder) {
    OF_AN_ENDED_RUN.forEach(file -> Json.removeFile(folder.resolve(file)));
  }

  /** The folder of a run that was begun, and is to go on as {@code plan} says. */
  static <R> RecordFolder<R> resume(
      Path folder, Format<R> format, PlanFile plan, Environment environment) {
    PlanFile before = PlanFile.read(folder);
    before.requireSame(plan);
    Path file = folder.resolve(format.file());
    Found<R> found = found(file, format, before.planId());
    Json.writeFile(
        file, found.rows.stream().map(row -> Json.line(row) + "\n").collect(Collectors.joining()));
    PlanFile now =
        before.resumed(
            new PlanFile.Session(
                environment.startedAt(),
                environment.commandLine(),
                (int) found.blocks.stream().filter(format::counts).count(),
                found.discardedRows));
    now.write(folder);
    return new RecordFolder<>(
        folder,
        format,
        JsonLines.append(file),
        now,
        new Earlier<>(before.sessions().size(), found.blocks));
  }

  private record Found<R>(List<R> blocks, List<JsonNode> rows, int discardedRows) {}

  private static <R> Found<R> found(Path file, Format<R> format, String planId) {
    JsonLines.Content content = JsonLines.read(file);
    Map<Object, List<JsonNode>> byBlock = new LinkedHashMap<>();
    List<R> blocks = new ArrayList<>();
    List<JsonNode> rows = new ArrayList<>();
    Set<Object> known = new HashSet<>();
    try {
      for (JsonNode row : content.values()) {
        String id = row.required("plan_id").asText();
        require(id.equals(planId), file + " holds a row of plan " + id + ", not of " + planId);
        byBlock.computeIfAbsent(format.block(row), key -> new ArrayList<>()).add(row);
      }
      for (List<JsonNode> ofBlock : byBlock.values()) {
        Optional<R> block = format.read(ofBlock);
        if (block.isPresent() && known.add(format.identity(block.get()))) {
          blocks.add(block.get());
          rows.addAll(ofBlock);
        }
      }
    } catch (IllegalArgumentException e) {
      throw new PlanException(file + " has a row that cannot be read: " + e.getMessage());
    }
    return new Found<>(blocks, rows, content.values().size() - rows.size() + content.tornCount());
  }

  /** What the sessions before this one left. */
  public Earlier<R> earlier() {
    return earlier;
  }

  /** What was found and what is done about it, in one line; empty for a run that begins. */
  public Optional<String> resumeNote() {
    if (earlier.session() == 0) {
      return Optional.empty();
    }
    PlanFile.Session session = plan.sessions().get(plan.sessions().size() - 1);
    return Optional.of(
        "resuming "
            + folder
            + ": "
            + session.keptBlocks()
            + " whole blocks kept, "
            + session.discardedRows()
            + " rows of unfinished blocks discarded");
  }

  PlanFile plan() {
    return plan;
  }

  @Override
  public void finished(R block, double weight) {
    rows.write(format.rows(block));
  }

  void writeResult(ObjectNode result) {
    Json.writeFile(folder.resolve(RESULT), Json.pretty(result));
  }

  @Override
  public void close() {
    rows.close();
  }
}
