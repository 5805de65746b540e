package ai.cacheblend.orchestrator.records;

import ai.cacheblend.orchestrator.plan.ChunkSource;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * TTFT of an arm with its chunks in one place, for one prompt shape.
 *
 * @param ratio recompute ratio, 0 of full KV reuse; empty if it is not a single fixed number
 * @param source of the chunks; empty: the device
 * @param clientTtft in seconds
 * @param speedUp over full prefill of the same prompts; empty for full prefill, and if no prompt
 *     has a valid trial of both
 * @param overDevice client TTFT divided by that of the same arm and prompts with the chunks on the
 *     device; empty for the device, and if no prompt has a valid trial of both
 * @param hidden median share of the load during which compute did not wait; empty without a load
 */
public record TierPoint(
    String arm,
    OptionalDouble ratio,
    Optional<ChunkSource> source,
    SweepSummary.Shape shape,
    Statistics clientTtft,
    Optional<SpeedUpStatistics> speedUp,
    Optional<SpeedUpStatistics> overDevice,
    OptionalDouble hidden) {
  private static final String RATIO = "recompute_ratio";
  private static final String TIER = "tier";
  private static final String OVER_DEVICE = "over_device";
  private static final String HIDDEN = "hidden_share";

  /** A load is hidden behind the recompute up to this ratio to the device. */
  private static final double HIDDEN_UP_TO = 1.05;

  /** The name of the place: {@code device}, {@code host} or {@code host@3GB/s}. */
  public String place() {
    return ChunkSource.id(source);
  }

  /** The name of the tier without its limit. */
  public String tier() {
    return source.map(of -> of.tier().id()).orElse(ChunkSource.DEVICE);
  }

  /** Limit of the rate of loading in bytes per second; empty without a limit. */
  public OptionalLong throttle() {
    return source.map(ChunkSource::bytesPerSecond).orElse(OptionalLong.empty());
  }

  /** Whether the load makes the arm more than 5 % slower than with its chunks on the device. */
  public boolean loadVisible() {
    return overDevice.filter(ratio -> ratio.geometricMean() > HIDDEN_UP_TO).isPresent();
  }

  ObjectNode json() {
    ObjectNode json = Json.object();
    json.put("arm", arm);
    ratio.ifPresent(of -> json.put(RATIO, of));
    json.put(TIER, ChunkSource.DEVICE);
    source.ifPresent(of -> ChunkSourceJson.write(of, json));
    shape.write(json);
    json.set(Measure.CLIENT_TTFT.key(), clientTtft.json());
    speedUp.ifPresent(of -> json.set(Measure.SPEEDUP.key(), of.json()));
    overDevice.ifPresent(of -> json.set(OVER_DEVICE, of.json()));
    hidden.ifPresent(of -> json.put(HIDDEN, of));
    return json;
  }

  static TierPoint read(JsonValue json) {
    return new TierPoint(
        json.text("arm"),
        number(json, RATIO),
        ChunkSourceJson.find(json.node()),
        SweepSummary.Shape.read(json),
        Statistics.read(json.get(Measure.CLIENT_TTFT.key())),
        json.find(Measure.SPEEDUP.key()).map(SpeedUpStatistics::read),
        json.find(OVER_DEVICE).map(SpeedUpStatistics::read),
        number(json, HIDDEN));
  }

  private static OptionalDouble number(JsonValue json, String field) {
    return json.has(field) ? OptionalDouble.of(json.number(field)) : OptionalDouble.empty();
  }
}
