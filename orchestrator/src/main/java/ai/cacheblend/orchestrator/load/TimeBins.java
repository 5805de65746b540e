package ai.cacheblend.orchestrator.load;

import ai.cacheblend.orchestrator.records.LoadRequest;
import ai.cacheblend.orchestrator.records.LoadSlice;
import ai.cacheblend.orchestrator.records.LoadSummary;
import java.util.ArrayList;
import java.util.List;

/** Hit rate and TTFT by the time since the start of a slice. */
final class TimeBins {
  private static final int MAX_BINS = 20;

  /** Requests per bin below which a hit rate is noise. */
  private static final int MIN_REQUESTS = 5;

  private static final double NANOS_PER_SECOND = 1e9;

  private TimeBins() {}

  /** Bins of equal length over all slices; warm-up requests are included. Empty bins are not. */
  static List<LoadSummary.Bin> of(List<LoadSlice> slices, boolean prefixCaching) {
    int count = slices.stream().mapToInt(slice -> slice.requests().size()).sum();
    int bins = Math.max(1, Math.min(MAX_BINS, count / MIN_REQUESTS));
    double longest = slices.stream().mapToDouble(TimeBins::length).max().orElse(0);
    List<List<LoadRequest>> byBin = new ArrayList<>();
    for (int i = 0; i < bins; i++) {
      byBin.add(new ArrayList<>());
    }
    for (LoadSlice slice : slices) {
      for (LoadRequest request : slice.requests()) {
        double share = longest > 0 ? seconds(slice, request) / longest : 0;
        byBin.get(Math.min(bins - 1, (int) (share * bins))).add(request);
      }
    }
    List<LoadSummary.Bin> result = new ArrayList<>();
    for (int i = 0; i < bins; i++) {
      if (!byBin.get(i).isEmpty()) {
        result.add(bin((i + 0.5) * longest / bins, byBin.get(i), prefixCaching));
      }
    }
    return result;
  }

  private static LoadSummary.Bin bin(
      double seconds, List<LoadRequest> requests, boolean prefixCaching) {
    return new LoadSummary.Bin(
        seconds,
        requests.size(),
        LoadAnalysis.hitRate(requests, prefixCaching),
        requests.stream()
            .filter(LoadRequest::ok)
            .mapToDouble(LoadRequest::ttftSeconds)
            .average()
            .orElse(Double.NaN));
  }

  private static double length(LoadSlice slice) {
    return slice.requests().stream().mapToDouble(r -> seconds(slice, r)).max().orElse(0);
  }

  /** From the first request of the slice. */
  private static double seconds(LoadSlice slice, LoadRequest request) {
    long first = slice.requests().get(0).moments().intended();
    return (request.moments().intended() - first) / NANOS_PER_SECOND;
  }
}
