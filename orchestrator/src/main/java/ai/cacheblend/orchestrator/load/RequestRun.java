package ai.cacheblend.orchestrator.load;

import ai.cacheblend.orchestrator.client.CollectedChunk;
import ai.cacheblend.orchestrator.client.GenerateCall;
import ai.cacheblend.orchestrator.client.GenerateResult;
import ai.cacheblend.orchestrator.client.PendingCall;
import ai.cacheblend.orchestrator.client.WorkerException;
import ai.cacheblend.orchestrator.plan.Arm;
import ai.cacheblend.orchestrator.plan.PrefixReuse;
import ai.cacheblend.orchestrator.plan.RowCounts;
import ai.cacheblend.orchestrator.records.LoadRequest;
import ai.cacheblend.orchestrator.records.LoadRequest.Outcome;
import ai.cacheblend.orchestrator.records.Phase;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.ImmutableLongArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * One request: collects the chunks that the worker should not have yet, then generates. If the
 * worker has evicted a chunk since, all chunks are collected and the call is repeated. Belongs to
 * the thread of {@link Pace}.
 */
final class RequestRun {
  /** Under constant eviction a request would otherwise never end. */
  static final int MAX_RETRIES = 3;

  private static final String NOT_FOUND = "NOT_FOUND";
  private static final String DEADLINE_EXCEEDED = "DEADLINE_EXCEEDED";

  /** Identity of a request in its slice. */
  record Order(int index, Phase phase, long intendedNanos) {}

  private final Pace pace;
  private final Target target;
  private final Arm arm;
  private final LoadPrompt prompt;
  private final Order order;
  private final Consumer<LoadRequest> onEnd;
  private PendingCall.Moment firstSent;
  private PendingCall.Moment generateSent;
  private PendingCall.Moment firstToken = new PendingCall.Moment();
  private boolean ended;
  private int misses;
  private int retries;

  RequestRun(
      Pace pace,
      Target target,
      Arm arm,
      LoadPrompt prompt,
      Order order,
      Consumer<LoadRequest> onEnd) {
    this.pace = pace;
    this.target = target;
    this.arm = arm;
    this.prompt = prompt;
    this.order = order;
    this.onEnd = onEnd;
  }

  /** Sends the first call. */
  void start() {
    target.begin();
    ImmutableIntArray ids = prompt.chunkIds();
    if (arm instanceof Arm.PrefixCaching) {
      target.prefixes().add(ids);
    }
    List<Integer> missing = new ArrayList<>();
    for (int i = 0; i < ids.length() && arm.readsChunks(); i++) {
      if (!target.stores(ids.get(i))) {
        missing.add(i);
      }
    }
    if (missing.isEmpty()) {
      generate();
    } else {
      collect(missing);
    }
  }

  Order order() {
    return order;
  }

  /** Whether it has neither ended nor received a token. */
  boolean waits() {
    return !ended && firstToken.nanos().isEmpty();
  }

  /**
   * Collects chunks of the prompt.
   *
   * @param indexes of the chunks in the prompt
   */
  private void collect(List<Integer> indexes) {
    List<ImmutableIntArray> chunks = prompt.chunks();
    PendingCall<List<CollectedChunk>> call =
        target.calls().startCollect(indexes.stream().map(chunks::get).toList());
    if (firstSent == null) {
      firstSent = call.sent();
    }
    onResult(
        call,
        (collected, endedNanos) -> {
          for (int i = 0; i < indexes.size(); i++) {
            target.stored(prompt.chunkIds().get(indexes.get(i)));
            misses += collected.get(i).hit() ? 0 : 1;
          }
          generate();
        });
  }

  private void generate() {
    PendingCall<GenerateResult> call =
        target
            .calls()
            .startGenerate(
                GenerateCall.greedy(prompt.segments(), arm, prompt.maxNewTokens(), List.of(), true),
                order.intendedNanos);
    generateSent = call.sent();
    firstToken = call.firstToken();
    if (firstSent == null) {
      firstSent = generateSent;
    }
    onResult(call, (answer, endedNanos) -> answered(answer));
  }

  private <T> void onResult(PendingCall<T> call, BiConsumer<T, Long> then) {
    var unused =
        call.result()
            .whenComplete(
                (value, failure) -> {
                  long endedNanos = pace.nanos();
                  pace.post(
                      () -> {
                        if (failure == null) {
                          then.accept(value, endedNanos);
                        } else {
                          failed(failure, endedNanos);
                        }
                      });
                });
  }

  private void failed(Throwable failure, long endedNanos) {
    if (!(failure instanceof WorkerException known)) {
      throw new IllegalStateException(failure);
    }
    boolean evicted = known.status().equals(NOT_FOUND) && arm.readsChunks();
    if (evicted && retries < MAX_RETRIES) {
      retries++;
      target.forget(prompt.chunkIds());
      List<Integer> all = new ArrayList<>();
      for (int i = 0; i < prompt.chunkIds().length(); i++) {
        all.add(i);
      }
      collect(all);
      return;
    }
    if (known.kind() == WorkerException.Kind.UNREACHABLE) {
      target.lose(known.getMessage());
    }
    end(outcome(known), Optional.of(known.getMessage()), Optional.empty(), endedNanos);
  }

  private static Outcome outcome(WorkerException failure) {
    if (failure.kind() == WorkerException.Kind.EXHAUSTED) {
      return Outcome.REFUSED;
    }
    return failure.status().equals(DEADLINE_EXCEEDED) ? Outcome.TIMEOUT : Outcome.FAILED;
  }

  private void answered(GenerateResult answer) {
    // What prefix caching finds depends on the requests before.
    PrefixReuse prefix = new PrefixReuse(1, Math.max(0, answer.rows().reusedTokenCount()));
    Optional<String> problem =
        answer
            .load()
            .problem(arm, prompt.shape(), true)
            .or(() -> rowProblem(answer, prefix))
            .or(() -> tokenProblem(answer));
    end(
        problem.isEmpty() ? Outcome.OK : Outcome.FAILED,
        problem,
        Optional.of(answer),
        answer.times().closedNanos());
  }

  private Optional<String> rowProblem(GenerateResult answer, PrefixReuse prefix) {
    RowCounts expected = answer.load().expectedRows(arm, prompt.shape(), 1, prefix);
    return sameRows(answer.rows(), expected)
        ? Optional.empty()
        : Optional.of("rows are " + answer.rows() + ", expected " + expected);
  }

  private Optional<String> tokenProblem(GenerateResult answer) {
    int count = answer.times().tokenNanos().length();
    return count == prompt.maxNewTokens()
        ? Optional.empty()
        : Optional.of("new tokens are " + count + ", expected " + prompt.maxNewTokens());
  }

  private void end(
      Outcome outcome, Optional<String> problem, Optional<GenerateResult> answer, long endedNanos) {
    target.end();
    ended = true;
    long sentNanos = nanos(firstSent, endedNanos);
    int chunks = arm.readsChunks() ? prompt.chunkIds().length() : 0;
    onEnd.accept(
        new LoadRequest(
            order.index,
            order.phase,
            target.address(),
            outcome,
            problem,
            new LoadRequest.Moments(
                order.intendedNanos,
                sentNanos,
                nanos(generateSent, endedNanos),
                answer.map(a -> a.times().tokenNanos()).orElse(ImmutableLongArray.of()),
                endedNanos),
            prompt.shape().promptTokenCount(),
            new LoadRequest.Reuse(chunks, Math.min(misses, chunks), retries),
            answer.map(GenerateResult::rows),
            answer.map(GenerateResult::workerDurations)));
  }

  /** The work per layer, which depends on the model, is not compared. */
  private static boolean sameRows(RowCounts actual, RowCounts expected) {
    return actual.promptTokenCount() == expected.promptTokenCount()
        && actual.reusedTokenCount() == expected.reusedTokenCount()
        && actual.recomputedTokenCount() == expected.recomputedTokenCount()
        && actual.computedTokenCount() == expected.computedTokenCount();
  }

  /** A call that failed before it was sent counts as sent at its end. */
  private static long nanos(PendingCall.Moment sent, long endedNanos) {
    return sent == null ? endedNanos : sent.nanos().orElse(endedNanos);
  }
}
