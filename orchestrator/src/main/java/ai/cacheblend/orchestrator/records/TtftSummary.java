package ai.cacheblend.orchestrator.records;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Statistics of a TTFT run, in seconds. Warm-up trials and invalid trials are excluded.
 *
 * @param rows one per length, in the order of the plan
 * @param warmUps one per session, worker and length
 * @param warnings conditions that make the statistics unreliable, one line each
 */
public record TtftSummary(List<Row> rows, List<WarmUpReport> warmUps, List<String> warnings) {

  /**
   * One length.
   *
   * @param n valid trials
   * @param arms by name, in the order of the plan; empty if no trial is valid
   * @param collect duration of the collect call
   */
  public record Row(
      int length, int n, int invalid, Map<String, Arm> arms, Optional<Statistics> collect) {
    public Row {
      arms = Collections.unmodifiableMap(new LinkedHashMap<>(arms));
    }
  }

  /**
   * One arm at one length.
   *
   * @param times has every measure of {@link Measure#summarized}
   * @param chargedBudget mean over the trials of the counted work ({@code
   *     RowCounts.chargedBudget}); NaN in older records
   * @param speedUp empty for full prefill, and in runs without full prefill
   * @param outliers trials far from the others; the statistics include them
   */
  public record Arm(
      Map<Measure, Statistics> times,
      double chargedBudget,
      Optional<SpeedUpStatistics> speedUp,
      List<Outlier> outliers) {
    public Arm {
      times = Collections.unmodifiableMap(new LinkedHashMap<>(times));
      outliers = List.copyOf(outliers);
    }

    public Statistics clientTtft() {
      return time(Measure.CLIENT_TTFT);
    }

    public Statistics workerTtft() {
      return time(Measure.WORKER_TTFT);
    }

    public Statistics time(Measure measure) {
      return times.get(measure);
    }
  }

  /**
   * A trial that is far from the other trials of its arm and length.
   *
   * @param seconds value of the measure in {@code reason}; client TTFT if throttled
   * @param reason key of a measure, or {@code throttled by} and the reasons of the device
   */
  public record Outlier(int block, int trial, double seconds, String reason) {}

  public TtftSummary {
    rows = List.copyOf(rows);
    warmUps = List.copyOf(warmUps);
    warnings = List.copyOf(warnings);
  }

  /** Whether every length has a valid trial. */
  public boolean complete() {
    return rows.stream().allMatch(row -> row.n > 0);
  }
}
