package ai.cacheblend.orchestrator.tiers;

import ai.cacheblend.metrics.LayerwiseLoad;
import ai.cacheblend.orchestrator.records.ArmRun;
import ai.cacheblend.orchestrator.records.PlannedArm;
import ai.cacheblend.orchestrator.records.RecordException;
import ai.cacheblend.orchestrator.records.Trial;
import ai.cacheblend.orchestrator.records.TtftResult;
import ai.cacheblend.orchestrator.records.TtftSummary;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * TTFT of one arm by the bandwidth of the storage that has its KV, predicted from measurements with
 * the KV on the device.
 *
 * @param rows one per length, in the order of the run
 */
public record TierPlan(
    String model, String dtype, String device, String arm, long kvBytesPerToken, List<Row> rows) {

  /**
   * One length.
   *
   * @param kvBytes of the cached tokens
   * @param ratio share of the cached rows that the arm recomputes
   * @param fullSeconds TTFT of full prefill
   * @param load of the arm's KV
   */
  public record Row(
      int length, long kvBytes, double ratio, double fullSeconds, LayerwiseLoad load) {
    /** TTFT of the arm with its KV on the device. */
    public double deviceSeconds() {
      return load.computeSeconds();
    }

    /**
     * The bandwidth, in bytes per second, from which loading is faster than full prefill; infinite
     * if it never is.
     */
    public double paysFrom() {
      return kvBytes / load.longestLoadSeconds(fullSeconds);
    }

    /** The bandwidth from which the TTFT is at most 5 % above that of KV on the device. */
    public double hiddenFrom() {
      return kvBytes / load.longestLoadSeconds(HIDDEN * deviceSeconds());
    }

    public double seconds(double bytesPerSecond) {
      return load.seconds(kvBytes / bytesPerSecond);
    }

    /** Whether loading from this bandwidth is faster than full prefill. */
    public boolean pays(double bytesPerSecond) {
      return seconds(bytesPerSecond) < fullSeconds;
    }

    /**
     * The share of the cached rows whose recompute takes as long as the load: it adds little to the
     * TTFT. At most 1.
     */
    public double freeRatio(double bytesPerSecond) {
      return Math.min(1, kvBytes / bytesPerSecond / fullSeconds);
    }
  }

  private static final double HIDDEN = 1.05;

  public TierPlan {
    rows = List.copyOf(rows);
  }

  /**
   * The plan for an arm, by default the one named {@code cacheblend}.
   *
   * @throws RecordException if the run lacks full prefill, the arm, or facts about the model
   */
  public static TierPlan of(TtftResult run, Optional<String> armName) {
    String baseline =
        run.header()
            .baseline()
            .map(PlannedArm::name)
            .orElseThrow(() -> refused(run, "has no full prefill; add full_prefill to --arms"));
    String arm =
        armName
            .or(() -> run.header().headline().map(PlannedArm::name))
            .orElseThrow(() -> refused(run, "has no arm that blends; name one with --arm-name"));
    long kvBytesPerToken = number(run, "kv_bytes_per_token");
    int layerCount = (int) number(run, "layer_count");
    List<Row> rows = new ArrayList<>();
    for (TtftSummary.Row row : run.rows()) {
      Optional<ArmRun> sample = sample(run, row.length(), arm);
      if (row.n() > 0 && sample.isPresent()) {
        int cached = sample.get().cachedRowCount();
        rows.add(
            new Row(
                row.length(),
                cached * kvBytesPerToken,
                (double) sample.get().expectedRows().recomputedTokenCount() / cached,
                row.arms().get(baseline).workerTtft().mean(),
                LayerwiseLoad.ofEqualLayers(row.arms().get(arm).workerTtft().mean(), layerCount)));
      }
    }
    if (rows.isEmpty()) {
      throw refused(run, "has no valid trial of an arm " + arm + " that reuses KV");
    }
    return new TierPlan(
        run.header().model("name"),
        run.header().model("dtype"),
        run.header().environment().at("/workers/0/device_name").asText(""),
        arm,
        kvBytesPerToken,
        rows);
  }

  /** All trials of a length have the same number of rows. */
  private static Optional<ArmRun> sample(TtftResult run, int length, String arm) {
    return run.measured(length).stream()
        .filter(Trial::valid)
        .flatMap(trial -> trial.armRuns().stream())
        .filter(armRun -> armRun.arm().equals(arm) && armRun.cachedRowCount() > 0)
        .findFirst();
  }

  private static long number(TtftResult run, String field) {
    long value = run.header().environment().at("/workers/0/model/" + field).asLong();
    if (value < 1) {
      throw refused(run, "does not record the " + field + " of the model; repeat it");
    }
    return value;
  }

  private static RecordException refused(TtftResult run, String reason) {
    return new RecordException(run.header().folder() + " " + reason);
  }
}
