package ai.cacheblend.orchestrator.records;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/**
 * State of a worker at the end of its warm-up for one length.
 *
 * @param trials valid warm-up trials
 * @param stable whether drift and spread of all arms are within the allowance; empty if there were
 *     too few trials
 * @param noisy whether some arm is not stable although no arm became faster
 * @param capReached whether the warm-up ended at its maximum number of trials
 * @param worst the arm with the largest change relative to its allowance; empty if {@code stable}
 *     is
 */
public record WarmUpReport(
    int session,
    String worker,
    int length,
    int trials,
    Optional<Boolean> stable,
    boolean noisy,
    boolean capReached,
    Optional<Movement> worst) {

  /**
   * Change of the client TTFT of an arm over the last trials, in seconds.
   *
   * @param drift change along the least-squares line
   * @param spread sample standard deviation
   * @param gain decrease of the median against the trials before; NaN if those are too few
   * @param allowance limit of drift, spread and gain
   */
  public record Movement(
      String arm, double mean, double drift, double spread, double gain, double allowance) {}

  static WarmUpReport read(JsonValue json) {
    return new WarmUpReport(
        json.integer("session"),
        json.text("worker"),
        json.integer("length"),
        json.integer("trials"),
        json.has("stable") ? Optional.of(json.bool("stable")) : Optional.empty(),
        json.bool("noisy"),
        json.bool("cap_reached"),
        json.has("arm")
            ? Optional.of(
                new Movement(
                    json.text("arm"),
                    json.number("mean"),
                    json.number("drift"),
                    json.number("spread"),
                    json.numberOrNan("gain"),
                    json.number("allowance")))
            : Optional.empty());
  }

  ObjectNode json() {
    ObjectNode json = Json.object();
    json.put("session", session);
    json.put("worker", worker);
    json.put("length", length);
    json.put("trials", trials);
    json.put("stable", stable.orElse(null));
    json.put("noisy", noisy);
    json.put("cap_reached", capReached);
    worst.ifPresent(
        movement -> {
          json.put("arm", movement.arm);
          json.set("mean", Json.number(movement.mean));
          json.set("drift", Json.number(movement.drift));
          json.set("spread", Json.number(movement.spread));
          json.set("gain", Json.number(movement.gain));
          json.set("allowance", Json.number(movement.allowance));
        });
    return json;
  }
}
