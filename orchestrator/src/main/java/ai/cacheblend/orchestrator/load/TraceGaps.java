package ai.cacheblend.orchestrator.load;

import ai.cacheblend.orchestrator.plan.TraceFile;
import java.util.List;
import java.util.function.LongSupplier;

/** The gaps between the requests of a trace, in nanoseconds; 0 before the first. */
final class TraceGaps implements LongSupplier {
  private static final double NANOS_PER_MILLI = 1e6;

  private final List<TraceFile.Request> requests;
  private final double speed;
  private int next;

  /**
   * @param speed 2 for half the gaps
   */
  TraceGaps(List<TraceFile.Request> requests, double speed) {
    this.requests = requests;
    this.speed = speed;
  }

  @Override
  public long getAsLong() {
    long gap = next == 0 || next >= requests.size() ? 0 : nanos(next) - nanos(next - 1);
    next++;
    return gap;
  }

  /** Since the first request. Rounded here, so that errors do not add up. */
  private long nanos(int index) {
    double millis = requests.get(index).millis() - requests.get(0).millis();
    return Math.round(millis * NANOS_PER_MILLI / speed);
  }
}
