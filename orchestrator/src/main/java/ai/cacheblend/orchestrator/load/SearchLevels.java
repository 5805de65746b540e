package ai.cacheblend.orchestrator.load;

import ai.cacheblend.metrics.Percentiles;
import ai.cacheblend.orchestrator.plan.LoadPlan;
import ai.cacheblend.orchestrator.plan.LoadPoint;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.records.LoadRequest;
import ai.cacheblend.orchestrator.records.LoadSlice;
import com.google.common.base.Suppliers;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The rounds of a search. It begins at the rate at which first tokens alone would keep the workers
 * busy, one request at a time; rates that are too high end early.
 */
final class SearchLevels implements Levels {
  /** Where no lone request was answered. */
  private static final double FIRST_RATE = 1;

  private final LoadPlan plan;
  private final RateSearch search;
  private final Supplier<List<LoadSlice>> loneRequests;

  /**
   * @param loneRequests runs requests of each arm one at a time; used once, if at all
   */
  SearchLevels(LoadPlan plan, Supplier<List<LoadSlice>> loneRequests) {
    this.plan = plan;
    this.search = new RateSearch(plan.slo().orElseThrow(), plan.maxNewTokens());
    this.loneRequests = Suppliers.memoize(loneRequests::get);
  }

  @Override
  public Function<NamedArm, LoadPoint> points(int level, List<LoadSlice> ended) {
    return arm -> {
      List<RateSearch.Tried> tried = search.tried(ofArm(arm, ended));
      double first = tried.isEmpty() ? firstRate(arm) : 0;
      return new LoadPoint(LoadPoint.Kind.RATE, search.next(tried, first));
    };
  }

  private static List<LoadSlice> ofArm(NamedArm arm, List<LoadSlice> slices) {
    return slices.stream().filter(slice -> slice.key().arm().equals(arm.name())).toList();
  }

  private double firstRate(NamedArm arm) {
    double[] ttfts =
        ofArm(arm, loneRequests.get()).stream()
            .flatMap(slice -> slice.requests().stream())
            .filter(LoadRequest::ok)
            .mapToDouble(LoadRequest::ttftSeconds)
            .toArray();
    return ttfts.length == 0
        ? FIRST_RATE
        : plan.workers().size() / Percentiles.of(ttfts).at(0.5).orElse(ttfts[0]);
  }
}
