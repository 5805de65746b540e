package ai.cacheblend.orchestrator.records;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * One arm's answer to one prompt.
 *
 * @param trial from 0, within its length
 * @param order from 0, place of the arm in its block
 * @param valid whether the block counts
 * @param problem why this arm's answer does not
 * @param promptHash equal for equal prompts
 * @param seconds durations by name, such as {@code client_ttft}; empty where the call failed
 */
public record Trial(
    boolean measured,
    int length,
    int trial,
    String arm,
    int order,
    String worker,
    boolean valid,
    Optional<String> problem,
    String promptHash,
    Map<String, Double> seconds) {
  public Trial {
    seconds = Collections.unmodifiableMap(new LinkedHashMap<>(seconds));
  }

  static Trial of(JsonSource json) {
    return new Trial(
        json.text("phase").equals("measured"),
        json.integer("length"),
        json.integer("trial"),
        json.text("arm"),
        json.integer("order"),
        json.text("worker"),
        json.bool("valid"),
        json.findText("problem"),
        json.text("prompt_hash"),
        json.has("seconds") ? json.map("seconds", JsonSource::number) : Map.of());
  }

  /** In seconds; empty where the call failed. */
  public Optional<Double> clientTtft() {
    return Optional.ofNullable(seconds.get("client_ttft"));
  }
}
