package ai.cacheblend.orchestrator.client;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import java.time.Duration;

/**
 * Time limits of a client.
 *
 * @param callTimeout deadline of a call
 * @param heartbeatSeconds time without a response to a heartbeat after which the worker is lost
 */
public record ClientLimits(Duration callTimeout, int heartbeatSeconds) {
  public ClientLimits {
    require(
        callTimeout.toSeconds() >= 1,
        "call-timeout is " + callTimeout.toSeconds() + "; use 1 or more");
    require(heartbeatSeconds >= 1, "heartbeat-timeout is " + heartbeatSeconds + "; use 1 or more");
  }
}
