package ai.cacheblend.orchestrator.plan;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import com.google.common.base.Splitter;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Service-level objective of a load run: one or more limits, all of which must be met.
 *
 * @param limits one for each metric at most
 */
public record Slo(List<Limit> limits) {

  /** A latency of a request, and the percentile that a limit applies to by default. */
  public enum Metric {
    TTFT(0.9),
    /** Of single gaps between tokens; the other metrics have one value per request. */
    ITL(0.99),
    TPOT(0.9),
    E2E(0.9);

    private final double defaultShare;

    Metric(double defaultShare) {
      this.defaultShare = defaultShare;
    }

    public String key() {
      return name().toLowerCase(Locale.ROOT);
    }

    private static String keys() {
      return Set.of(values()).stream().map(Metric::key).sorted().collect(Collectors.joining(", "));
    }
  }

  /**
   * A limit.
   *
   * @param share of the values that must be within {@code limit}, such as 0.9 for p90
   */
  public record Limit(Metric metric, double share, Duration limit) {
    public Limit {
      require(
          share > 0 && share < 1,
          "slo has "
              + metric.key()
              + " at p"
              + percent(share)
              + "; use more than 0, less than 100");
      require(limit.toNanos() > 0, "slo has a limit of 0 on " + metric.key() + "; use more than 0");
    }

    public double seconds() {
      return limit.toNanos() / 1e9;
    }

    /** For example {@code ttft:p90=500ms}. */
    public String text() {
      return metric.key() + ":p" + percent(share) + "=" + TimeText.of(limit);
    }
  }

  private static final Pattern FORM =
      Pattern.compile("([a-z0-9]+?)(?::p(\\d{1,2}(?:\\.\\d{1,4})?))?=(.+)");

  public Slo {
    limits = List.copyOf(limits);
    require(!limits.isEmpty(), "slo is empty; write for example ttft=500ms,itl=50ms");
    Set<Metric> seen = EnumSet.noneOf(Metric.class);
    for (Limit limit : limits) {
      require(
          seen.add(limit.metric),
          "slo has two limits on " + limit.metric.key() + "; give one for each metric");
    }
  }

  /** Parses {@code METRIC[:pN]=TIME,...}. */
  public static Slo parse(String text) {
    List<Limit> limits = new ArrayList<>();
    for (String part : Splitter.on(',').trimResults().split(text)) {
      Matcher form = FORM.matcher(part);
      require(
          form.matches(),
          "slo has '" + part + "'; write METRIC=TIME or METRIC:pN=TIME, such as ttft:p90=500ms");
      Metric metric = metric(form.group(1));
      limits.add(
          new Limit(
              metric,
              form.group(2) == null
                  ? metric.defaultShare
                  : new BigDecimal(form.group(2)).movePointLeft(2).doubleValue(),
              TimeText.parse("slo of " + metric.key(), form.group(3))));
    }
    return new Slo(limits);
  }

  private static Metric metric(String key) {
    for (Metric metric : Metric.values()) {
      if (metric.key().equals(key)) {
        return metric;
      }
    }
    throw new PlanException("slo has the metric '" + key + "'; use " + Metric.keys());
  }

  private static String percent(double share) {
    return BigDecimal.valueOf(share).movePointRight(2).stripTrailingZeros().toPlainString();
  }

  /** What {@link #parse} takes, with all percentiles. */
  public String text() {
    return limits.stream().map(Limit::text).collect(Collectors.joining(","));
  }
}
