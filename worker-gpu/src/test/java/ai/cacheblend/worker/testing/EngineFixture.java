package ai.cacheblend.worker.testing;

import ai.cacheblend.worker.blend.Arm;
import ai.cacheblend.worker.chunks.ChunkStore;
import ai.cacheblend.worker.chunks.ChunkTiers;
import ai.cacheblend.worker.engine.BatchLimits;
import ai.cacheblend.worker.engine.Engine;
import ai.cacheblend.worker.engine.GenerateCommand;
import ai.cacheblend.worker.engine.Prompt;
import ai.cacheblend.worker.engine.ReturnOptions;
import ai.cacheblend.worker.engine.Sampling;
import ai.cacheblend.worker.engine.StopConditions;
import ai.cacheblend.worker.forecast.LoadPolicy;
import ai.cacheblend.worker.kv.KvPool;
import ai.cacheblend.worker.model.ModelProfile;
import com.google.common.base.Ticker;
import com.google.common.primitives.ImmutableIntArray;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;

/** An engine over fakes. Tokens are bytes; the next token is the next byte value. */
public final class EngineFixture implements AutoCloseable {
  public static final ModelProfile MODEL =
      new ModelProfile(
          "fingerprint",
          "fp32",
          ByteCodec.VOCABULARY_SIZE,
          1000,
          3,
          List.of(1, 2),
          OptionalInt.of(ByteCodec.BOS),
          Set.of(ByteCodec.EOS));

  private static final BatchLimits ONE_AT_A_TIME = new BatchLimits(1, 64);

  public final ByteCodec codec = new ByteCodec();
  public final FakeKvPool memory;
  public final FakeModelRunner runner;
  public final ChunkStore store;
  public final ChunkTiers tiers;
  public final Engine engine;
  private final AtomicReference<String> deviceError = new AtomicReference<>();

  public EngineFixture() {
    this(64, 1_000_000);
  }

  public EngineFixture(int queueCapacity, long chunkBudgetByteCount) {
    this(queueCapacity, chunkBudgetByteCount, ONE_AT_A_TIME, EngineFixture::next);
  }

  /** With a model in which the next token is this function of the last one. */
  public EngineFixture(IntUnaryOperator nextToken) {
    this(64, 1_000_000, ONE_AT_A_TIME, nextToken);
  }

  /** With requests that share steps. */
  public EngineFixture(BatchLimits limits, long chunkBudgetByteCount) {
    this(64, chunkBudgetByteCount, limits, EngineFixture::next);
  }

  private static int next(int last) {
    return (last + 1) % 256;
  }

  /** With tiers below the device. A token has 24 bytes of KV. */
  public static EngineFixture withTiers(Function<KvPool, ChunkTiers> openTiers) {
    return withTiers(ONE_AT_A_TIME, openTiers);
  }

  public static EngineFixture withTiers(
      BatchLimits limits, Function<KvPool, ChunkTiers> openTiers) {
    return new EngineFixture(64, limits, EngineFixture::next, new FakeKvPool(100, 24), openTiers);
  }

  private EngineFixture(
      int queueCapacity,
      long chunkBudgetByteCount,
      BatchLimits limits,
      IntUnaryOperator nextToken) {
    this(
        queueCapacity,
        limits,
        nextToken,
        new FakeKvPool(100),
        pool -> ChunkTiers.deviceOnly(chunkBudgetByteCount, pool));
  }

  private EngineFixture(
      int queueCapacity,
      BatchLimits limits,
      IntUnaryOperator nextToken,
      FakeKvPool pool,
      Function<KvPool, ChunkTiers> openTiers) {
    memory = pool;
    runner = new FakeModelRunner(memory, MODEL.vocabularySize(), MODEL.layerCount(), nextToken);
    tiers = openTiers.apply(memory);
    store = tiers.device();
    engine =
        new Engine(
            MODEL,
            runner,
            this::checkDevice,
            codec,
            memory,
            tiers,
            LoadPolicy.LOAD,
            queueCapacity,
            limits,
            Duration.ZERO,
            new CountingTicker());
  }

  /** Makes the check of the device fail from now on. */
  public void loseDevice(String error) {
    deviceError.set(error);
  }

  private void checkDevice() {
    if (deviceError.get() != null) {
      throw new IllegalStateException(deviceError.get());
    }
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
    engine.close();
    tiers.close();
  }

  /** Time advances by one nanosecond per read. */
  private static final class CountingTicker extends Ticker {
    private final AtomicLong now = new AtomicLong();

    @Override
    public long read() {
      return now.incrementAndGet();
    }
  }
}
