package ai.cacheblend.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;

/**
 * Resources of a process over a run. Growth is judged on the second half: in the first half heap,
 * caches and pools reach their sizes.
 */
public final class ResourceSeries {
  /** Growth of memory that chance and allocators explain, relative to the middle of the run. */
  private static final double MAX_RESIDENT_GROWTH = 0.10;

  private static final long MAX_THREAD_GROWTH = 8;
  private static final long MAX_DESCRIPTOR_GROWTH = 16;

  private final List<ProcessStatus> samples = new ArrayList<>();

  /** Samples are at equal distances. */
  public synchronized void add(ProcessStatus status) {
    samples.add(status);
  }

  /** What grew beyond its limit; empty if nothing did. */
  public synchronized List<String> violations() {
    List<String> violations = new ArrayList<>();
    double resident = growth(ProcessStatus::residentKib);
    double middle = samples.get(samples.size() / 2).residentKib();
    if (resident > MAX_RESIDENT_GROWTH * middle) {
      violations.add(
          String.format(
              Locale.ROOT,
              "resident memory grew by %.0f KiB over the second half, more than %.0f %% of %.0f KiB",
              resident,
              100 * MAX_RESIDENT_GROWTH,
              middle));
    }
    exceeds(violations, "threads", growth(ProcessStatus::threadCount), MAX_THREAD_GROWTH);
    exceeds(
        violations, "descriptors", growth(ProcessStatus::descriptorCount), MAX_DESCRIPTOR_GROWTH);
    return violations;
  }

  private static void exceeds(List<String> violations, String what, double growth, long limit) {
    if (growth > limit) {
      violations.add(
          String.format(
              Locale.ROOT,
              "%s grew by %.1f over the second half, more than %d",
              what,
              growth,
              limit));
    }
  }

  /** Growth of resident memory over the second half. */
  public synchronized double residentGrowthKib() {
    return growth(ProcessStatus::residentKib);
  }

  /** Slope of the second half, as a least-squares line, times its length. */
  private double growth(ToLongFunction<ProcessStatus> resource) {
    List<ProcessStatus> half = samples.subList(samples.size() / 2, samples.size());
    double meanX = (half.size() - 1) / 2.0;
    double meanY = half.stream().mapToLong(resource).average().orElse(0);
    double products = 0;
    double squares = 0;
    for (int x = 0; x < half.size(); x++) {
      products += (x - meanX) * (resource.applyAsLong(half.get(x)) - meanY);
      squares += (x - meanX) * (x - meanX);
    }
    return squares == 0 ? 0 : products / squares * (half.size() - 1);
  }

  /** First, middle and last sample, and the growth over the second half. */
  public synchronized String table() {
    return line("resident MiB", status -> status.residentKib() >> 10)
        + line("threads", ProcessStatus::threadCount)
        + line("descriptors", ProcessStatus::descriptorCount);
  }

  private String line(String name, ToLongFunction<ProcessStatus> resource) {
    return String.format(
        Locale.ROOT,
        "%s: start %d, middle %d, end %d; growth over the second half %+.1f%n",
        name,
        resource.applyAsLong(samples.get(0)),
        resource.applyAsLong(samples.get(samples.size() / 2)),
        resource.applyAsLong(samples.get(samples.size() - 1)),
        growth(resource));
  }
}
