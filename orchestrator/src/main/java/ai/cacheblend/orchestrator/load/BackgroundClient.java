package ai.cacheblend.orchestrator.load;

import ai.cacheblend.orchestrator.plan.Arm;
import ai.cacheblend.orchestrator.records.LoadRequest;
import ai.cacheblend.orchestrator.records.Phase;
import java.util.Optional;

/**
 * Sends one prompt to one worker, again and again, until it is stopped or a request fails. Belongs
 * to the thread of {@link Pace}.
 */
final class BackgroundClient {
  private final Pace pace;
  private final Target target;
  private final Arm arm;
  private final LoadPrompt prompt;
  private long firstNanos;
  private long lastNanos;
  private int answered;
  private boolean stopped;
  private boolean inProgress;
  private Optional<String> problem = Optional.empty();

  BackgroundClient(Pace pace, Target target, Arm arm, LoadPrompt prompt) {
    this.pace = pace;
    this.target = target;
    this.arm = arm;
    this.prompt = prompt;
  }

  void start() {
    firstNanos = pace.nanos();
    lastNanos = firstNanos;
    next();
  }

  private void next() {
    inProgress = true;
    RequestRun.Order order = new RequestRun.Order(answered, Phase.MEASURED, pace.nanos());
    new RequestRun(pace, target, arm, prompt, order, this::ended).start();
  }

  private void ended(LoadRequest request) {
    inProgress = false;
    lastNanos = pace.nanos();
    if (!request.ok()) {
      problem = request.problem().map(of -> "a background request failed: " + of);
    } else {
      answered++;
      if (!stopped) {
        next();
      }
    }
  }

  /** Sends no further request; waits for the one in progress. */
  void stop() {
    stopped = true;
    while (inProgress) {
      pace.run(Long.MAX_VALUE);
    }
  }

  int answered() {
    return answered;
  }

  /** From the start until the end of the last request. */
  double seconds() {
    return (lastNanos - firstNanos) / 1e9;
  }

  /** Why it has ended by itself. */
  Optional<String> problem() {
    return problem;
  }
}
