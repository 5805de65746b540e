package ai.cacheblend.orchestrator.load;

import ai.cacheblend.metrics.Percentiles;
import ai.cacheblend.orchestrator.plan.Slo;
import ai.cacheblend.orchestrator.records.LoadRequest;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** Counts by an objective. A failed request violates every limit. */
final class SloCheck {
  private final Slo slo;
  private final int maxNewTokens;

  /**
   * @param maxNewTokens tokens of every answer: gaps of a failed request
   */
  SloCheck(Slo slo, int maxNewTokens) {
    this.slo = slo;
    this.maxNewTokens = maxNewTokens;
  }

  /** Values within a limit, and all values. */
  record Count(long within, long all) {
    Count plus(Count other) {
      return new Count(within + other.within, all + other.all);
    }

    /** Whether at least the share of {@code limit} is within it. */
    boolean meets(Slo.Limit limit) {
      return within >= Math.ceil(limit.share() * all - 1e-9);
    }
  }

  /** Whether a request met every limit: for ITL, at least the share of its own gaps. */
  boolean good(LoadRequest request) {
    return slo.limits().stream().allMatch(limit -> count(limit, request).meets(limit));
  }

  /** By limit. */
  List<Count> counts(List<LoadRequest> requests) {
    return slo.limits().stream()
        .map(
            limit ->
                requests.stream()
                    .map(request -> count(limit, request))
                    .reduce(new Count(0, 0), Count::plus))
        .toList();
  }

  /**
   * Whether every limit is met. Empty if none is violated, and there are too few values for the
   * percentile of one.
   */
  Optional<Boolean> met(List<LoadRequest> requests) {
    boolean enough = true;
    List<Count> counts = counts(requests);
    for (int i = 0; i < counts.size(); i++) {
      Slo.Limit limit = slo.limits().get(i);
      if (counts.get(i).all < Percentiles.minimumCount(limit.share())) {
        enough = false;
      } else if (!counts.get(i).meets(limit)) {
        return Optional.of(false);
      }
    }
    return enough ? Optional.of(true) : Optional.empty();
  }

  /** One value per request; for ITL one per gap. */
  Count count(Slo.Limit limit, LoadRequest request) {
    if (!request.ok()) {
      return new Count(0, limit.metric() == Slo.Metric.ITL ? Math.max(1, maxNewTokens - 1) : 1);
    }
    return switch (limit.metric()) {
      case TTFT -> one(request.ttftSeconds(), limit);
      case E2E -> one(request.e2eSeconds(), limit);
      case TPOT -> {
        OptionalDouble tpot = request.tpotSeconds();
        yield tpot.isPresent() ? one(tpot.getAsDouble(), limit) : new Count(0, 0);
      }
      case ITL -> {
        double[] gaps = request.itlSeconds();
        long within = 0;
        for (double gap : gaps) {
          within += gap <= limit.seconds() ? 1 : 0;
        }
        yield new Count(within, gaps.length);
      }
    };
  }

  private static Count one(double seconds, Slo.Limit limit) {
    return new Count(seconds <= limit.seconds() ? 1 : 0, 1);
  }
}
