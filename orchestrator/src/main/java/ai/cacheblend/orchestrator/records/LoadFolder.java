package ai.cacheblend.orchestrator.records;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import ai.cacheblend.orchestrator.plan.LoadPlan;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The folder of a load run: {@code plan.json} before the first slice, the rows of a slice when it
 * has ended, {@code result.json} at the end. The row in {@code slices.jsonl} follows the rows of
 * the slice's requests, so a slice with a row is complete.
 */
public final class LoadFolder implements AutoCloseable {
  static final String REQUESTS = "requests.jsonl";
  static final String SLICES = "slices.jsonl";

  private final Path folder;
  private final JsonLines requests;
  private final JsonLines slices;
  private final PlanFile plan;
  private final List<LoadSlice> earlier;

  private LoadFolder(
      Path folder, JsonLines requests, JsonLines slices, PlanFile plan, List<LoadSlice> earlier) {
    this.folder = folder;
    this.requests = requests;
    this.slices = slices;
    this.plan = plan;
    this.earlier = List.copyOf(earlier);
  }

  /** Opens the folder of a new run, or of the run to resume. */
  public static LoadFolder open(
      Path folder, LoadPlan plan, Environment environment, boolean resume) {
    PlanFile file = PlanFile.begun("load", LoadPlanJson.of(plan), environment);
    return resume ? resumed(folder, plan, file, environment) : begun(folder, file);
  }

  private static LoadFolder begun(Path folder, PlanFile plan) {
    RecordFolder.removeStaleOutputs(folder);
    JsonLines requests = JsonLines.create(folder.resolve(REQUESTS));
    JsonLines slices = JsonLines.create(folder.resolve(SLICES));
    plan.write(folder);
    return new LoadFolder(folder, requests, slices, plan, List.of());
  }

  private static LoadFolder resumed(
      Path folder, LoadPlan plan, PlanFile file, Environment environment) {
    PlanFile before = PlanFile.read(folder);
    before.requireSame(file);
    List<LoadSlice> kept = completeLevels(read(folder, before.planId()), plan);
    int rows = JsonLines.read(folder.resolve(REQUESTS)).values().size();
    rewrite(folder, before.planId(), kept);
    int discarded = rows - kept.stream().mapToInt(slice -> slice.requests().size()).sum();
    PlanFile now =
        before.resumed(
            new PlanFile.Session(
                environment.startedAt(), environment.commandLine(), kept.size(), discarded));
    now.write(folder);
    return new LoadFolder(
        folder,
        JsonLines.append(folder.resolve(REQUESTS)),
        JsonLines.append(folder.resolve(SLICES)),
        now,
        kept);
  }

  /** Levels of which every slice is there and counts. The others are run again. */
  private static List<LoadSlice> completeLevels(List<LoadSlice> all, LoadPlan plan) {
    Map<Integer, List<LoadSlice>> levels =
        all.stream().collect(Collectors.groupingBy(slice -> slice.key().level()));
    return all.stream()
        .filter(
            slice -> {
              List<LoadSlice> level = levels.get(slice.key().level());
              return level.size() == plan.slicesPerLevel()
                  && level.stream().allMatch(LoadSlice::valid);
            })
        .toList();
  }

  private static void rewrite(Path folder, String planId, List<LoadSlice> slices) {
    StringBuilder requestLines = new StringBuilder();
    StringBuilder sliceLines = new StringBuilder();
    for (LoadSlice slice : slices) {
      sliceLines.append(Json.line(LoadRows.slice(planId, slice))).append('\n');
      for (LoadRequest request : slice.requests()) {
        requestLines.append(Json.line(LoadRows.request(planId, slice.key(), request))).append('\n');
      }
    }
    Json.writeFile(folder.resolve(REQUESTS), requestLines.toString());
    Json.writeFile(folder.resolve(SLICES), sliceLines.toString());
  }

  /** The complete slices of a folder. */
  static List<LoadSlice> read(Path folder, String planId) {
    Map<Object, List<LoadRequest>> byKey = new HashMap<>();
    for (JsonValue row : JsonLines.read(folder.resolve(REQUESTS)).values()) {
      byKey.computeIfAbsent(identity(row), key -> new ArrayList<>()).add(request(row));
    }
    Map<Object, LoadSlice> slices = new LinkedHashMap<>();
    for (JsonValue row : JsonLines.read(folder.resolve(SLICES)).values()) {
      String id = row.text("plan_id");
      require(
          id.equals(planId),
          row.place() + ": plan_id is " + id + ", the plan of the folder has " + planId);
      List<LoadRequest> requests = byKey.getOrDefault(identity(row), List.of());
      if (requests.size() == row.integer("requests")) {
        slices.put(identity(row), LoadRows.readSlice(row, requests));
      }
    }
    return List.copyOf(slices.values());
  }

  private static LoadRequest request(JsonValue row) {
    try {
      return LoadRows.readRequest(row);
    } catch (IllegalArgumentException e) {
      throw new RecordException(row.place() + " is not valid: " + e.getMessage());
    }
  }

  private static Object identity(JsonValue row) {
    LoadSlice.Key key = LoadRows.readKey(row);
    return List.of(key.level(), key.slice(), key.arm());
  }

  /** Slices of complete levels of earlier sessions. */
  public List<LoadSlice> earlier() {
    return earlier;
  }

  /** This session; 0 unless the run was resumed. */
  public int session() {
    return plan.sessions().size() - 1;
  }

  /** What a resumed run keeps, in one line; empty for a new run. */
  public Optional<String> resumeNote() {
    return session() == 0
        ? Optional.empty()
        : Optional.of(
            "resuming "
                + folder
                + ": "
                + earlier.stream().map(slice -> slice.key().level()).distinct().count()
                + " complete levels kept");
  }

  /** Writes the rows of a slice. */
  public void write(LoadSlice slice) {
    List<ObjectNode> rows =
        slice.requests().stream()
            .map(request -> LoadRows.request(plan.planId(), slice.key(), request))
            .toList();
    requests.write(rows);
    slices.write(List.of(LoadRows.slice(plan.planId(), slice)));
  }

  /** Writes {@code result.json}. */
  public void result(LoadPlan loadPlan, Environment environment, LoadSummary summary) {
    Json.writeFile(
        folder.resolve(RecordFolder.RESULT),
        Json.pretty(LoadResultFile.json(loadPlan, plan, environment, summary)));
  }

  @Override
  public void close() {
    requests.close();
    slices.close();
  }
}
