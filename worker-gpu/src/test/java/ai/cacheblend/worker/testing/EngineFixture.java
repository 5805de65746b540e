package ai.cacheblend.worker.testing;

import ai.cacheblend.worker.blend.Arm;
import ai.cacheblend.worker.chunks.ChunkStore;
import ai.cacheblend.worker.engine.Engine;
import ai.cacheblend.worker.engine.GenerateCommand;
import ai.cacheblend.worker.engine.Prompt;
import ai.cacheblend.worker.engine.ReturnOptions;
import ai.cacheblend.worker.engine.Sampling;
import ai.cacheblend.worker.engine.StopConditions;
import ai.cacheblend.worker.model.ModelProfile;
import com.google.common.base.Ticker;
import com.google.common.primitives.ImmutableIntArray;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** An engine over fakes: bytes are tokens, and each token is followed by the next byte. */
public final class EngineFixture implements AutoCloseable {
  public static final ModelProfile MODEL =
      new ModelProfile(
          "fingerprint",
          "fp32",
          ByteCodec.VOCABULARY_SIZE,
          1000,
          List.of(1, 2),
          OptionalInt.of(ByteCodec.BOS),
          Set.of(ByteCodec.EOS));

  public final ByteCodec codec = new ByteCodec();
  public final FakeKvPool memory;
  public final FakeModelRunner runner;
  public final ChunkStore store;
  public final Engine engine;

  public EngineFixture() {
    this(64, 1_000_000);
  }

  public EngineFixture(int queueCapacity, long chunkBudgetByteCount) {
    // Time moves by one nanosecond per look.
    this(queueCapacity, chunkBudgetByteCount, new CountingTicker());
  }

  private EngineFixture(int queueCapacity, long chunkBudgetByteCount, Ticker ticker) {
    memory = new FakeKvPool(100);
    runner =
        new FakeModelRunner(
            memory, MODEL.vocabularySize(), MODEL.checkLayers(), last -> (last + 1) % 256);
    store = new ChunkStore(chunkBudgetByteCount);
    engine = new Engine(MODEL, runner, codec, memory, store, queueCapacity, Duration.ZERO, ticker);
  }

  public static Prompt prompt(Prompt.Segment... segments) {
    return new Prompt(Arrays.asList(segments));
  }

  public static Prompt.Segment plain(String text) {
    return new Prompt.Segment(ids(text), false);
  }

  public static Prompt.Segment cached(String text) {
    return new Prompt.Segment(ids(text), true);
  }

  public static ImmutableIntArray ids(String text) {
    return new ByteCodec().encode(text, false);
  }

  public static GenerateCommand generate(Prompt prompt, Arm arm, int maxNewTokens) {
    return generate(prompt, arm, maxNewTokens, StopConditions.NONE);
  }

  public static GenerateCommand generate(
      Prompt prompt, Arm arm, int maxNewTokens, StopConditions stop) {
    return new GenerateCommand(
        prompt, arm, maxNewTokens, Sampling.GREEDY, stop, ReturnOptions.NONE);
  }

  @Override
  public void close() {
    try {
      engine.shutDown(Duration.ZERO);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    store.close();
  }

  private static final class CountingTicker extends Ticker {
    private final AtomicLong now = new AtomicLong();

    @Override
    public long read() {
      return now.incrementAndGet();
    }
  }
}
