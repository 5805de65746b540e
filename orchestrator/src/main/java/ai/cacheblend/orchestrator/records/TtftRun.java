package ai.cacheblend.orchestrator.records;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A benchmark of the time to first token. Durations are in seconds.
 *
 * @param rows one per length, in the plan's order
 * @param trials in the order they were recorded, warm-ups and invalid ones among them
 * @param warnings what makes the figures doubtful
 */
public record TtftRun(
    RunFacts facts,
    List<Row> rows,
    List<Trial> trials,
    List<Warmup> warmups,
    List<String> warnings,
    List<Example> examples)
    implements Run {

  /**
   * One length.
   *
   * @param n blocks that count
   * @param arms by name; empty where no block counts
   */
  public record Row(
      int length, int n, int invalid, Map<String, Arm> arms, Optional<Collect> collect) {
    static Row of(JsonSource json) {
      return new Row(
          json.integer("length"),
          json.integer("n"),
          json.integer("invalid"),
          json.map("arms", Arm::of),
          json.has("collect_mean")
              ? Optional.of(
                  new Collect(json.number("collect_mean"), json.numberOrNan("collect_std")))
              : Optional.empty());
    }
  }

  /** Time to store a trial's chunks. */
  public record Collect(double mean, double std) {}

  /**
   * One arm at one length.
   *
   * @param transport client TTFT without what the worker accounts for
   * @param prefill holds {@code kvLoad}
   */
  public record Arm(
      Statistics clientTtft,
      Statistics workerTtft,
      Statistics transport,
      Statistics queue,
      Statistics kvLoad,
      Statistics prefill,
      Statistics firstSample,
      Optional<SpeedUpFigures> speedUp,
      List<Outlier> outliers) {
    static Arm of(JsonSource json) {
      return new Arm(
          Statistics.of(json.get("client_ttft")),
          Statistics.of(json.get("worker_ttft")),
          Statistics.of(json.get("transport")),
          Statistics.of(json.get("queue")),
          Statistics.of(json.get("kv_load")),
          Statistics.of(json.get("prefill")),
          Statistics.of(json.get("first_sample")),
          json.find("speedup").map(SpeedUpFigures::of),
          json.list("outliers", Outlier::of));
    }
  }

  /**
   * A trial that stands apart from the others of its arm and length; it counts all the same.
   *
   * @param reason what of it is far from theirs, {@code client_ttft} or {@code transport}; or
   *     {@code throttled by ...}
   * @param seconds how long that took; client TTFT if throttled
   */
  public record Outlier(int trial, double seconds, String reason) {
    static Outlier of(JsonSource json) {
      return new Outlier(json.integer("trial"), json.number("seconds"), json.text("reason"));
    }
  }

  /**
   * How a worker was warmed up for a length.
   *
   * @param stable whether its last warm-ups were; empty where there were too few to tell
   */
  public record Warmup(
      String worker, int length, int trials, Optional<Boolean> stable, boolean capReached) {
    static Warmup of(JsonSource json) {
      return new Warmup(
          json.text("worker"),
          json.integer("length"),
          json.integer("trials"),
          json.has("stable") ? Optional.of(json.bool("stable")) : Optional.empty(),
          json.bool("cap_reached"));
    }
  }

  public TtftRun {
    rows = List.copyOf(rows);
    trials = List.copyOf(trials);
    warmups = List.copyOf(warmups);
    warnings = List.copyOf(warnings);
    examples = List.copyOf(examples);
  }

  static TtftRun read(Path folder, JsonSource result) {
    return new TtftRun(
        RunFacts.of(folder, result),
        result.list("rows", Row::of),
        JsonSource.lines(folder.resolve("trials.jsonl")).stream().map(Trial::of).toList(),
        result.list("warmup", Warmup::of),
        result.list("warnings", warning -> warning.node().asText()),
        Example.read(folder));
  }

  public List<Trial> measured(int length, String arm) {
    return trials.stream()
        .filter(t -> t.measured() && t.length() == length && t.arm().equals(arm))
        .toList();
  }
}
