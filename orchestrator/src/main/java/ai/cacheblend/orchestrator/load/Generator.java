package ai.cacheblend.orchestrator.load;

import ai.cacheblend.orchestrator.plan.Arm;
import ai.cacheblend.orchestrator.records.LoadRequest;
import ai.cacheblend.orchestrator.records.Phase;
import ai.cacheblend.orchestrator.run.RunFailedException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Sends the requests of a slice when they are due, and waits until all have ended. For one slice.
 */
final class Generator {
  private final Pace pace;
  private final Router router;
  private final Schedule schedule;
  private final Supplier<LoadPrompt> prompts;
  private final Arm arm;
  private final LiveCounts counts;
  private final Waiting waiting;
  private final List<LoadRequest> ended = new ArrayList<>();
  private int sentCount;

  Generator(
      Pace pace,
      Router router,
      Schedule schedule,
      Supplier<LoadPrompt> prompts,
      Arm arm,
      LiveCounts counts,
      Waiting waiting) {
    this.pace = pace;
    this.router = router;
    this.schedule = schedule;
    this.prompts = prompts;
    this.arm = arm;
    this.counts = counts;
    this.waiting = waiting;
  }

  /**
   * All requests, by index.
   *
   * @throws RunFailedException if no worker is left
   */
  List<LoadRequest> run() {
    LoadPrompt next = prompts.get();
    while (!schedule.exhausted() || ended.size() < sentCount) {
      OptionalLong due = schedule.due();
      if (due.isPresent() && pace.nanos() >= due.getAsLong()) {
        send(next, due.getAsLong());
        // Made before the next request is due.
        next = prompts.get();
      } else {
        pace.run(due.orElse(Long.MAX_VALUE));
      }
    }
    ended.sort(Comparator.comparingInt(LoadRequest::index));
    return List.copyOf(ended);
  }

  private void send(LoadPrompt prompt, long dueNanos) {
    Target target = router.choose(arm, prompt.chunkIds()).orElseThrow(this::noWorker);
    Phase phase = schedule.take();
    RequestRun.Order order = new RequestRun.Order(sentCount++, phase, dueNanos);
    counts.sent();
    RequestRun run = new RequestRun(pace, target, arm, prompt, order, this::ended);
    waiting.add(run);
    run.start();
  }

  private RunFailedException noWorker() {
    return new RunFailedException(
        "no worker is left: "
            + router.targets().stream()
                .flatMap(target -> target.lost().stream())
                .collect(Collectors.joining("; ")));
  }

  private void ended(LoadRequest request) {
    ended.add(request);
    counts.ended(request);
    schedule.ended(request);
  }
}
