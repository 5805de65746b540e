package ai.cacheblend.mock;

import com.google.common.primitives.ImmutableIntArray;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.List;

/** What a worker was asked, in order. */
public final class MockJournal {

  /** A prompt and the arm that was to answer it. */
  public record Generated(ImmutableIntArray prompt, List<ImmutableIntArray> chunks, String arm) {
    public Generated {
      chunks = List.copyOf(chunks);
    }
  }

  /**
   * When an answer came about, on this machine's monotonic clock.
   *
   * @param arrivedNanos the request's bytes were there
   * @param handedNanos the first token was handed to gRPC
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

  synchronized void collected(String key) {
    collectedKeys.add(key);
  }

  synchronized void generated(MockPrompt prompt, String arm) {
    generated.add(
        new Generated(
            prompt.ids(), prompt.chunks().stream().map(MockPrompt.Part::ids).toList(), arm));
  }

  synchronized void described() {
    promptsBeforeDescribes.add(generated.size());
  }

  synchronized void answered(Answered moments) {
    answered.add(moments);
  }

  /** Keys of the chunks it was to collect, hits included. */
  public synchronized List<String> collectedKeys() {
    return List.copyOf(collectedKeys);
  }

  public synchronized List<Generated> generated() {
    return List.copyOf(generated);
  }

  /** How many prompts had been asked for when Describe was, by call. */
  public synchronized List<Integer> promptsBeforeDescribes() {
    return List.copyOf(promptsBeforeDescribes);
  }

  /** Of the answers that ended, in the order in which they did. */
  public synchronized List<Answered> answered() {
    return List.copyOf(answered);
  }
}
