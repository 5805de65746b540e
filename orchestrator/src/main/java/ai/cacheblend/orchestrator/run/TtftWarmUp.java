package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.client.PromptSegment;
import ai.cacheblend.orchestrator.client.WorkerException;
import ai.cacheblend.orchestrator.plan.WarmUp;
import ai.cacheblend.orchestrator.records.BlockListener;
import ai.cacheblend.orchestrator.records.Trial;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Warms up each worker for a length before its first trial of that length. Thread-safe. */
final class TtftWarmUp {
  private final WarmUp rule;
  private final Map<Integer, List<TtftPrompt>> promptsByLength;
  private final TtftTrialRunner runner;
  private final BlockListener<Trial> listener;
  private final Set<Key> warm = ConcurrentHashMap.newKeySet();
  private final Set<String> steady = ConcurrentHashMap.newKeySet();
  private final ConcurrentLinkedQueue<Trial> finished = new ConcurrentLinkedQueue<>();

  private record Key(String worker, int length) {}

  TtftWarmUp(
      WarmUp rule,
      Map<Integer, List<TtftPrompt>> promptsByLength,
      TtftTrialRunner runner,
      BlockListener<Trial> listener) {
    this.rule = rule;
    this.promptsByLength = promptsByLength;
    this.runner = runner;
    this.listener = listener;
  }

  /** Weight of the longest possible warm-up of one worker. */
  double longestWeight() {
    return promptsByLength.values().stream()
        .flatMap(List::stream)
        .mapToDouble(TtftPrompt::weight)
        .sum();
  }

  /** All trials, of every worker and length. */
  List<Trial> finished() {
    return List.copyOf(finished);
  }

  void ensure(Worker worker, int length) {
    if (!warm.add(new Key(worker.address(), length))) {
      return;
    }
    List<Trial> trials = new ArrayList<>();
    List<TtftPrompt> prompts = promptsByLength.get(length);
    if (rule.waits() && steady.add(worker.address())) {
      shortCalls(worker, prompts.get(0));
    }
    for (TtftPrompt prompt : prompts) {
      SharedWork.Done<Trial> done = runner.run(worker, prompt);
      trials.add(done.result());
      finished.add(done.result());
      boolean enough = done.workerLost().isPresent() || enough(trials);
      // The last trial has the weight of the trials that are not needed.
      double doneWeight = prompt.weight() * (enough ? 1 + prompts.size() - trials.size() : 1);
      listener.finished(done.result(), doneWeight);
      if (enough) {
        return;
      }
    }
  }

  private static void shortCalls(Worker worker, TtftPrompt like) {
    List<PromptSegment> segments = like.segments();
    try {
      ShortCalls.untilSteady(worker.client(), segments.get(segments.size() - 1).tokenIds());
    } catch (WorkerException e) {
      // The next warm-up trial fails in the same way and is recorded.
    }
  }

  private boolean enough(List<Trial> trials) {
    return trials.size() >= rule.min() && (!rule.waits() || WarmUpState.of(rule, trials).warm());
  }
}
