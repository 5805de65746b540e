package ai.cacheblend.worker.engine;

import ai.cacheblend.worker.blend.Arm;
import ai.cacheblend.worker.blend.RowPlanner;
import ai.cacheblend.worker.blend.Selector;
import ai.cacheblend.worker.chunks.ChunkTiers;
import ai.cacheblend.worker.forecast.ControllerWarmUp;
import ai.cacheblend.worker.forecast.LoadPolicy;
import ai.cacheblend.worker.kv.KvPool;
import ai.cacheblend.worker.model.ModelProfile;
import ai.cacheblend.worker.model.ModelRunner;
import ai.cacheblend.worker.model.TextCodec;
import com.google.common.base.Ticker;
import com.google.common.primitives.ImmutableIntArray;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;

/**
 * Runs small requests of every kind, so that the first request does not include class loading and
 * initialization of the runtime.
 */
public final class WarmUp {
  private static final int CHUNK_TOKENS = 16;
  private static final int ROUNDS = 3;

  /** With steps that refer to the tokens of the step before. */
  private static final int NEW_TOKENS = 4;

  /** Enough for the kernels of small batches. */
  private static final int CONCURRENT_REQUESTS = 8;

  private static final BatchLimits LIMITS = new BatchLimits(CONCURRENT_REQUESTS, 4 * CHUNK_TOKENS);

  private WarmUp() {}

  /** Uses an engine and a store of its own, so that the statistics of the worker start at zero. */
  public static void run(ModelProfile model, ModelRunner runner, TextCodec codec, KvPool pool) {
    try (ChunkTiers tiers = ChunkTiers.deviceOnly(pool.chunkByteCount(CHUNK_TOKENS), pool)) {
      Engine engine =
          new Engine(
              model,
              runner,
              DeviceCheck.NONE,
              codec,
              pool,
              tiers,
              LoadPolicy.LOAD,
              CONCURRENT_REQUESTS,
              LIMITS,
              Duration.ZERO,
              Ticker.systemTicker());
      try {
        ImmutableIntArray ids =
            ImmutableIntArray.copyOf(
                IntStream.range(0, CHUNK_TOKENS).map(i -> i % model.vocabularySize()));
        engine.collect(List.of(ids), Interruption.NEVER).result().join();
        for (int round = 0; round < ROUNDS; round++) {
          for (Arm arm : arms(model)) {
            engine.generate(request(ids, arm), token -> {}, Interruption.NEVER).result().join();
          }
        }
        answerTogether(engine, request(ids, new Arm.FullKvReuse()));
        ControllerWarmUp.run(new RowPlanner(model.checkLayers(), model.layerCount()), blend(model));
      } catch (CompletionException e) {
        throw e.getCause() instanceof RuntimeException cause ? cause : e;
      } finally {
        engine.close();
      }
    }
  }

  private static void answerTogether(Engine engine, GenerateCommand request) {
    List<Ticket<GenerateResult>> tickets = new ArrayList<>();
    for (int i = 0; i < CONCURRENT_REQUESTS; i++) {
      tickets.add(engine.generate(request, token -> {}, Interruption.NEVER));
    }
    tickets.forEach(ticket -> ticket.result().join());
  }

  private static Arm.CacheBlend blend(ModelProfile model) {
    int layer = model.checkLayers().get(0);
    return new Arm.CacheBlend(
        new Selector.Deviation(Selector.Tensor.VALUE, List.of(new Selector.CheckStep(layer, 0.5))));
  }

  private static List<Arm> arms(ModelProfile model) {
    return List.of(
        new Arm.FullPrefill(),
        new Arm.PrefixCaching(),
        new Arm.FullKvReuse(),
        blend(model),
        new Arm.CacheBlend(new Selector.QueryAttention(0.5, true, List.of())));
  }

  private static GenerateCommand request(ImmutableIntArray chunk, Arm arm) {
    Prompt prompt =
        new Prompt(
            List.of(
                new Prompt.Segment(chunk, true), new Prompt.Segment(chunk.subArray(0, 1), false)));
    return new GenerateCommand(
        prompt,
        arm,
        NEW_TOKENS,
        Sampling.GREEDY,
        new StopConditions(List.of(), Set.of(), true),
        ReturnOptions.NONE);
  }
}
