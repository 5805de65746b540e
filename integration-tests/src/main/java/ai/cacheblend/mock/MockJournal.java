package ai.cacheblend.mock;

import com.google.common.primitives.ImmutableIntArray;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The requests of a worker, in order. */
public final class MockJournal {

  /** A prompt and its arm. */
  public record Generated(ImmutableIntArray prompt, List<ImmutableIntArray> chunks, String arm) {
    public Generated {
      chunks = List.copyOf(chunks);
    }
  }

  /**
   * Moments of an answer, on the worker's clock.
   *
   * @param arrivedNanos the request had arrived
   * @param handedNanos the first token was passed to gRPC
   */
  public record Answered(long arrivedNanos, long handedNanos) {}

  @GuardedBy("this")
  private final List<String> collectedKeys = new ArrayList<>();

  @GuardedBy("this")
  private final List<Generated> generated = new ArrayList<>();

  @GuardedBy("this")
  private final List<Integer> promptsBeforeDescribes = new ArrayList<>();

  @GuardedBy("this")
  private final List<Answered> answered = new ArrayList<>();

  @GuardedBy("this")
  private int inProgress;

  @GuardedBy("this")
  private int mostInProgress;

  @GuardedBy("this")
  private final List<Waiter> waiters = new ArrayList<>();

  @GuardedBy("this")
  private final List<Waiter> describeWaiters = new ArrayList<>();

  private record Waiter(int count, CompletableFuture<Void> reached) {
    boolean completeIfReached(int callCount) {
      return callCount >= count && reached.complete(null);
    }
  }

  synchronized void collected(String key) {
    collectedKeys.add(key);
  }

  synchronized void generated(MockPrompt prompt, String arm) {
    generated.add(
        new Generated(
            prompt.ids(), prompt.chunks().stream().map(MockPrompt.Part::ids).toList(), arm));
    inProgress++;
    mostInProgress = Math.max(mostInProgress, inProgress);
    int count = generated.size();
    waiters.removeIf(waiter -> waiter.completeIfReached(count));
  }

  /** Returns the number of Generate calls before this Describe call. */
  synchronized int described() {
    promptsBeforeDescribes.add(generated.size());
    int count = promptsBeforeDescribes.size();
    describeWaiters.removeIf(waiter -> waiter.completeIfReached(count));
    return generated.size();
  }

  /** Called before the last message of an answer. */
  synchronized void answered(Answered moments) {
    answered.add(moments);
    inProgress--;
  }

  /** A request that was refused or cancelled gets no answer. */
  synchronized void abandoned() {
    inProgress--;
  }

  /** The most Generate calls that were in progress at the same time. */
  public synchronized int mostInProgress() {
    return mostInProgress;
  }

  /** Keys of the chunks to collect, hits included. */
  public synchronized List<String> collectedKeys() {
    return List.copyOf(collectedKeys);
  }

  public synchronized List<Generated> generated() {
    return List.copyOf(generated);
  }

  /** Completes when the worker has received {@code count} more Generate calls. */
  public synchronized CompletableFuture<Void> whenGenerated(int count) {
    Waiter waiter = new Waiter(generated.size() + count, new CompletableFuture<>());
    waiters.add(waiter);
    return waiter.reached();
  }

  /** Completes when the worker has received {@code count} more Describe calls. */
  public synchronized CompletableFuture<Void> whenDescribed(int count) {
    Waiter waiter = new Waiter(promptsBeforeDescribes.size() + count, new CompletableFuture<>());
    describeWaiters.add(waiter);
    return waiter.reached();
  }

  /** For each Describe call, the number of Generate calls before it. */
  public synchronized List<Integer> promptsBeforeDescribes() {
    return List.copyOf(promptsBeforeDescribes);
  }

  /** Moments of the finished answers, in the order in which they finished. */
  public synchronized List<Answered> answered() {
    return List.copyOf(answered);
  }
}
