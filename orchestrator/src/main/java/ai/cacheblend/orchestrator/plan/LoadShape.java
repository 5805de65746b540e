package ai.cacheblend.orchestrator.plan;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import com.google.common.base.Splitter;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How requests arrive, and at which levels. */
public sealed interface LoadShape {
  /** Of the command line and plans, instead of rates. */
  String SEARCH = "auto";

  double MAX_RATE = 100_000;
  double MIN_SPEED = 0.001;
  double MAX_SPEED = 1_000_000;
  int MAX_CONCURRENCY = 4096;

  /** The levels, in order; empty if they depend on results. */
  List<LoadPoint> points();

  /** Number of levels. */
  default int levelCount() {
    return points().size();
  }

  /** Open loop: requests are sent at random moments, whether or not earlier ones are answered. */
  record Open(List<Double> rates, Arrivals arrivals) implements LoadShape {
    public Open {
      rates = List.copyOf(rates);
      require(!rates.isEmpty(), "rate is empty; give at least one, such as 2");
      requireDistinct("rate", rates);
      rates.forEach(LoadShape::requireRate);
    }

    @Override
    public List<LoadPoint> points() {
      return rates.stream().map(rate -> new LoadPoint(LoadPoint.Kind.RATE, rate)).toList();
    }
  }

  /**
   * Open loop, at rates that depend on results: each arm approaches the highest rate at which it
   * meets the objective.
   *
   * @param rounds levels, at each of which every arm has a rate of its own
   */
  record Search(int rounds, Arrivals arrivals) implements LoadShape {
    private static final int MIN_ROUNDS = 4;
    private static final int MAX_ROUNDS = 1000;

    public Search {
      require(
          rounds >= MIN_ROUNDS && rounds <= MAX_ROUNDS,
          "rounds is " + rounds + "; use " + MIN_ROUNDS + " to " + MAX_ROUNDS);
    }

    @Override
    public List<LoadPoint> points() {
      return List.of();
    }

    @Override
    public int levelCount() {
      return rounds;
    }
  }

  /**
   * Open loop: the requests of a trace, at their times.
   *
   * @param speed 2 for half the gaps
   */
  record Trace(TraceFile file, double speed) implements LoadShape {
    public Trace {
      require(
          speed >= MIN_SPEED && speed <= MAX_SPEED,
          "trace-speed is " + speed + "; use " + MIN_SPEED + " to " + (int) MAX_SPEED);
    }

    /** One level, at the mean rate. */
    @Override
    public List<LoadPoint> points() {
      List<TraceFile.Request> requests = file.requests();
      double seconds =
          (requests.get(requests.size() - 1).millis() - requests.get(0).millis()) / 1e3 / speed;
      double rate = seconds > 0 ? (requests.size() - 1) / seconds : MAX_RATE;
      // Four digits, for tables.
      return List.of(
          new LoadPoint(
              LoadPoint.Kind.RATE,
              new BigDecimal(Math.min(rate, MAX_RATE)).round(new MathContext(4)).doubleValue()));
    }
  }

  /** Closed loop: so many clients, each of which sends a request when its last one has ended. */
  record Closed(List<Integer> concurrencies) implements LoadShape {
    public Closed {
      concurrencies = List.copyOf(concurrencies);
      require(!concurrencies.isEmpty(), "concurrency is empty; give at least one, such as 8");
      requireDistinct("concurrency", concurrencies);
      concurrencies.forEach(
          count ->
              require(
                  count >= 1 && count <= MAX_CONCURRENCY,
                  "concurrency is " + count + "; use 1 to " + MAX_CONCURRENCY));
    }

    @Override
    public List<LoadPoint> points() {
      return concurrencies.stream()
          .map(count -> new LoadPoint(LoadPoint.Kind.CONCURRENCY, count))
          .toList();
    }
  }

  private static void requireDistinct(String name, List<?> values) {
    Set<Object> seen = new HashSet<>();
    for (Object value : values) {
      require(seen.add(value), name + " has " + value + " twice; list each level once");
    }
  }

  private static void requireRate(double rate) {
    require(
        rate > 0 && rate <= MAX_RATE,
        "rate is " + rate + "; use more than 0, up to " + (int) MAX_RATE + " requests per second");
  }

  /**
   * Parses rates: numbers separated by commas, or a ramp {@code LOW..HIGH/COUNT} whose neighbours
   * have equal ratios.
   */
  static List<Double> parseRates(String text) {
    Matcher ramp =
        Pattern.compile("(\\d+(?:\\.\\d+)?)\\.\\.(\\d+(?:\\.\\d+)?)/(\\d{1,3})").matcher(text);
    if (ramp.matches()) {
      return ramp(
          text,
          Double.parseDouble(ramp.group(1)),
          Double.parseDouble(ramp.group(2)),
          Integer.parseInt(ramp.group(3)));
    }
    List<Double> rates = new ArrayList<>();
    for (String part : Splitter.on(',').trimResults().split(text)) {
      require(
          part.matches("\\d{1,9}(\\.\\d{1,9})?"),
          "rate is '" + text + "'; write for example 2,4,8 or 1..16/5");
      rates.add(Double.parseDouble(part));
    }
    return rates;
  }

  private static List<Double> ramp(String text, double low, double high, int count) {
    require(
        low > 0 && high > low && count >= 2,
        "rate is '" + text + "'; use 0 < LOW < HIGH and a COUNT of 2 or more");
    List<Double> rates = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      double rate = low * Math.pow(high / low, i / (count - 1.0));
      // Three decimals: the rate in tables is the rate that is run.
      rates.add(Math.round(rate * 1e3) / 1e3);
    }
    return rates;
  }
}
