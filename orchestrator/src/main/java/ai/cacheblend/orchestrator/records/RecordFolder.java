package ai.cacheblend.orchestrator.records;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The folder of a run: {@code plan.json} before the first block, the rows of every block when it
 * ends, {@code result.json} at the end. A run whose process was killed at any time can be resumed
 * after its last complete block.
 *
 * @param <B> a block
 */
public final class RecordFolder<B extends Block> implements BlockListener<B>, AutoCloseable {

  /**
   * Rules of resuming.
   *
   * @param rowCount rows of a complete block
   * @param identity equal for repetitions of a block, of which one is kept
   * @param counts whether the block is measured
   */
  record Resuming<B>(int rowCount, Function<B, Object> identity, Function<B, Boolean> counts) {}

  /** Name of the HTML page. */
  public static final String PAGE = "report.html";

  static final String RESULT = "result.json";

  /** Stale outputs of a previous run, removed when a run begins. */
  private static final List<String> STALE_OUTPUTS = List.of(RESULT, ExampleFile.NAME, PAGE);

  private final Path folder;
  private final BlockFile<B> file;
  private final JsonLines rows;
  private final PlanFile plan;
  private final EarlierBlocks<B> earlier;

  private RecordFolder(
      Path folder, BlockFile<B> file, JsonLines rows, PlanFile plan, EarlierBlocks<B> earlier) {
    this.folder = folder;
    this.file = file;
    this.rows = rows;
    this.plan = plan;
    this.earlier = earlier;
  }

  /** Begins a run. Overwrites or removes the files of an earlier run. */
  static <B extends Block> RecordFolder<B> begin(Path folder, BlockFile<B> file, PlanFile plan) {
    removeStaleOutputs(folder);
    JsonLines rows = JsonLines.create(folder.resolve(file.name()));
    plan.write(folder);
    return new RecordFolder<>(folder, file, rows, plan, EarlierBlocks.none());
  }

  static void removeStaleOutputs(Path folder) {
    STALE_OUTPUTS.forEach(name -> Json.removeFile(folder.resolve(name)));
  }

  /** Resumes the run of a folder. Its plan must be the same. */
  static <B extends Block> RecordFolder<B> resume(
      Path folder,
      BlockFile<B> file,
      Resuming<B> resuming,
      PlanFile plan,
      Environment environment) {
    PlanFile before = PlanFile.read(folder);
    before.requireSame(plan);
    Path path = folder.resolve(file.name());
    Kept<B> kept = kept(path, file.read(folder), resuming, before.planId());
    Json.writeFile(
        path,
        kept.rows.stream().map(row -> Json.line(row.node()) + "\n").collect(Collectors.joining()));
    PlanFile now =
        before.resumed(
            new PlanFile.Session(
                environment.startedAt(),
                environment.commandLine(),
                (int) kept.blocks.stream().filter(resuming.counts::apply).count(),
                kept.discardedRows));
    now.write(folder);
    return new RecordFolder<>(
        folder,
        file,
        JsonLines.append(path),
        now,
        new EarlierBlocks<>(before.sessions().size(), kept.blocks));
  }

  private record Kept<B>(List<B> blocks, List<JsonValue> rows, int discardedRows) {}

  /** Complete blocks, one per identity. Measured blocks without a valid result are run again. */
  private static <B extends Block> Kept<B> kept(
      Path path, BlockFile.Content<B> content, Resuming<B> resuming, String planId) {
    List<B> blocks = new ArrayList<>();
    List<JsonValue> rows = new ArrayList<>();
    Set<Object> known = new HashSet<>();
    int rowCount = content.tornCount();
    for (BlockFile.Entry<B> entry : content.entries()) {
      for (JsonValue row : entry.rows()) {
        String id = row.text("plan_id");
        require(
            id.equals(planId),
            path + ": plan_id is " + id + ", the plan of the folder has " + planId + "; remove it");
      }
      rowCount += entry.rows().size();
      B block = entry.block();
      if (entry.rows().size() == resuming.rowCount
          && !block.workerLost()
          && (block.valid() || !resuming.counts.apply(block))
          && known.add(resuming.identity.apply(block))) {
        blocks.add(block);
        rows.addAll(entry.rows());
      }
    }
    return new Kept<>(blocks, rows, rowCount - rows.size());
  }

  /** Blocks of earlier sessions. */
  public EarlierBlocks<B> earlier() {
    return earlier;
  }

  /** Number of kept and discarded blocks in one line; empty for a new run. */
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
            + " complete blocks kept, "
            + session.discardedRows()
            + " rows of other blocks discarded");
  }

  PlanFile plan() {
    return plan;
  }

  @Override
  public void finished(B block, double weight) {
    rows.write(file.rows(block));
  }

  void writeResult(ObjectNode result) {
    Json.writeFile(folder.resolve(RESULT), Json.pretty(result));
  }

  @Override
  public void close() {
    rows.close();
  }
}
