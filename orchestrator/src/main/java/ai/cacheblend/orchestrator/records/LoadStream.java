package ai.cacheblend.orchestrator.records;

import ai.cacheblend.metrics.Interval;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;

/**
 * An arm over the course of a stream whose pool of chunks drifts.
 *
 * @param windows parts of equal length, in order
 * @param change from early to late; empty for full prefill, and with too few requests
 */
public record LoadStream(List<Window> windows, Optional<Change> change) {

  /**
   * Consecutive measured requests.
   *
   * @param first index of the first one
   * @param hitRate empty for arms that read no stored KV
   * @param meanTtft NaN if none was answered
   * @param speedUp geometric mean of the ratios full prefill / arm of the TTFT of the same request;
   *     empty for full prefill
   */
  public record Window(
      int first,
      int requests,
      Optional<Double> hitRate,
      double meanTtft,
      Optional<Double> speedUp) {}

  /**
   * The last three windows against the second to fourth one. The first has the cold start.
   *
   * @param hitRate early and late; empty for arms that read no stored KV
   * @param ratio late speed-up divided by the early one
   * @param interval 95 %, of the ratio
   */
  public record Change(
      Optional<HitRates> hitRate,
      double earlySpeedUp,
      double lateSpeedUp,
      double ratio,
      Interval interval) {

    /** In words: {@code decays}, {@code rises} or {@code no change resolved}. */
    public String verdict() {
      return interval.high() < 1 ? "decays" : interval.low() > 1 ? "rises" : "no change resolved";
    }
  }

  /** Of the early and of the late windows. */
  public record HitRates(double early, double late) {}

  public LoadStream {
    windows = List.copyOf(windows);
  }

  ObjectNode json() {
    ObjectNode json = Json.object();
    ArrayNode list = json.putArray("windows");
    for (Window window : windows) {
      ObjectNode of = list.addObject();
      of.put("first_request", window.first());
      of.put("requests", window.requests());
      of.put("hit_rate", window.hitRate().orElse(null));
      of.set("ttft_mean", Json.number(window.meanTtft()));
      of.put("speedup", window.speedUp().orElse(null));
    }
    json.putNull("change");
    change.ifPresent(
        found -> {
          ObjectNode of = json.putObject("change");
          of.put("early_hit_rate", found.hitRate().map(HitRates::early).orElse(null));
          of.put("late_hit_rate", found.hitRate().map(HitRates::late).orElse(null));
          of.put("early_speedup", found.earlySpeedUp());
          of.put("late_speedup", found.lateSpeedUp());
          of.put("ratio", found.ratio());
          of.put("ratio_low95", found.interval().low());
          of.put("ratio_high95", found.interval().high());
          of.put("verdict", found.verdict());
        });
    return json;
  }

  static LoadStream read(JsonValue json) {
    return new LoadStream(
        json.list("windows", LoadStream::readWindow),
        json.find("change").map(LoadStream::readChange));
  }

  private static Window readWindow(JsonValue json) {
    return new Window(
        json.integer("first_request"),
        json.integer("requests"),
        json.find("hit_rate").map(JsonValue::number),
        json.numberOrNan("ttft_mean"),
        json.find("speedup").map(JsonValue::number));
  }

  private static Change readChange(JsonValue json) {
    return new Change(
        json.find("early_hit_rate")
            .map(early -> new HitRates(early.number(), json.number("late_hit_rate"))),
        json.number("early_speedup"),
        json.number("late_speedup"),
        json.number("ratio"),
        new Interval(json.number("ratio_low95"), json.number("ratio_high95")));
  }
}
