package ai.cacheblend.orchestrator.records;

import ai.cacheblend.metrics.Batches;
import ai.cacheblend.orchestrator.client.StepCounts;
import ai.cacheblend.orchestrator.plan.LoadPoint;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A part of the time of one arm at one level of load: reset, warm-up, measured requests, and the
 * time until the last of them has ended.
 *
 * @param key place in the run
 * @param session process of the run
 * @param window in which throughput is measured
 * @param endedEarly whether a search ended it, because the objective was certainly not met
 * @param background requests of background clients
 * @param precollectNanos time to store the chunks of the pool before; 0 if that was not done
 * @param steps steps of the workers from the warm-up until the end of the last request
 * @param problem why the slice does not count, or empty
 * @param requests warm-up and measured requests, by index
 */
public record LoadSlice(
    Key key,
    int session,
    Instant startedAt,
    Window window,
    boolean endedEarly,
    Background background,
    long precollectNanos,
    MachineLoad machine,
    StepCounts steps,
    Optional<String> problem,
    List<LoadRequest> requests) {
  private static final int MIN_BATCH = 10;
  private static final int MAX_BATCHES = 10;

  /**
   * Identifies a slice of a run.
   *
   * @param level index of the level in the run, from 0
   * @param slice index within level and arm, from 0
   * @param order position of the arm among the slices of its index, from 0
   */
  public record Key(int level, LoadPoint point, int slice, String arm, int order) {
    /** The value of the level: requests per second, or requests at a time. */
    public double load() {
      return point.value();
    }

    /** For example {@code rate 2.5}. */
    public String loadText() {
      return point.text();
    }
  }

  /**
   * From the intended send time of the first measured request until the last one and a gap, in
   * nanoseconds on the orchestrator's monotonic clock.
   */
  public record Window(long beginNanos, long endNanos) {
    private static final double NANOS_PER_SECOND = 1e9;

    public Window {
      if (endNanos <= beginNanos) {
        throw new IllegalArgumentException(
            "window ends at " + endNanos + ", not after its begin at " + beginNanos);
      }
    }

    public double seconds() {
      return (endNanos - beginNanos) / NANOS_PER_SECOND;
    }

    public boolean contains(long nanos) {
      return nanos >= beginNanos && nanos < endNanos;
    }
  }

  /**
   * Requests beside those that are measured.
   *
   * @param requests answered ones
   * @param seconds from the first until the end of the last, added up over clients
   */
  public record Background(int requests, double seconds) {
    public static final Background NONE = new Background(0, 0);
  }

  public LoadSlice {
    requests = List.copyOf(requests);
  }

  public boolean valid() {
    return problem.isEmpty();
  }

  /**
   * Measured requests in batches of neighbours, whose means are nearly independent.
   *
   * @param okOnly without failed requests
   */
  public List<List<LoadRequest>> batches(boolean okOnly) {
    List<LoadRequest> of = measured().stream().filter(request -> !okOnly || request.ok()).toList();
    return Batches.ranges(of.size(), MIN_BATCH, MAX_BATCHES).stream()
        .map(range -> of.subList(range[0], range[1]))
        .toList();
  }

  public List<LoadRequest> measured() {
    return requests.stream().filter(LoadRequest::measured).toList();
  }
}
