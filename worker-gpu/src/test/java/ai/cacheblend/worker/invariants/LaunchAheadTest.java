package ai.cacheblend.worker.invariants;

import static ai.cacheblend.worker.invariants.Prompts.A;
import static ai.cacheblend.worker.invariants.Prompts.B;
import static ai.cacheblend.worker.invariants.Prompts.FOUR_CHUNKS;
import static ai.cacheblend.worker.invariants.Prompts.HEAD;
import static ai.cacheblend.worker.invariants.Prompts.QUESTION;
import static ai.cacheblend.worker.invariants.Prompts.cached;
import static ai.cacheblend.worker.invariants.Prompts.plain;
import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.worker.TestDevice;
import ai.cacheblend.worker.blend.Arm;
import ai.cacheblend.worker.chunks.ChunkTiers;
import ai.cacheblend.worker.engine.BatchLimits;
import ai.cacheblend.worker.engine.DeviceCheck;
import ai.cacheblend.worker.engine.Engine;
import ai.cacheblend.worker.engine.GenerateCommand;
import ai.cacheblend.worker.engine.GenerateResult;
import ai.cacheblend.worker.engine.Interruption;
import ai.cacheblend.worker.engine.Prompt;
import ai.cacheblend.worker.engine.ReturnOptions;
import ai.cacheblend.worker.engine.Sampling;
import ai.cacheblend.worker.engine.StopConditions;
import ai.cacheblend.worker.engine.Ticket;
import ai.cacheblend.worker.forecast.LoadPolicy;
import ai.cacheblend.worker.kv.NativeKvPool;
import ai.cacheblend.worker.model.ModelRunner;
import ai.cacheblend.worker.model.RunningStep;
import ai.cacheblend.worker.model.SequenceResult;
import ai.cacheblend.worker.model.Step;
import com.google.common.base.Ticker;
import com.google.common.primitives.ImmutableIntArray;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** On a GPU, the steps of one of the two engines overlap with the launch of the next ones. */
class LaunchAheadTest {
  private static final int REQUESTS = 24;
  private static final int POOL_BLOCKS = 64;
  private static final long STORE_BYTES = 64L << 20;
  private static final List<Prompt> PROMPTS =
      List.of(
          FOUR_CHUNKS,
          Prompts.of(plain(HEAD), cached(B), cached(A), plain(QUESTION)),
          Prompts.of(plain(HEAD), plain(QUESTION)));
  private static final List<Arm> ARMS =
      List.of(Arms.FULL_PREFILL, Arms.FULL_KV_REUSE, Arms.PREFIX_CACHING, Arms.chunkHeads(2));

  /** The session, with or without steps that are launched ahead, whatever the device. */
  private record Runner(ModelRunner session, boolean launchesAhead) implements ModelRunner {
    @Override
    public List<SequenceResult> run(Step step) {
      return session.run(step);
    }

    @Override
    public RunningStep launch(Step step) {
      return session.launch(step);
    }

    /** The session outlives the engine. */
    @Override
    public void close() {}
  }

  /**
   * Tokens of requests with random prompts, arms, lengths and stop tokens.
   *
   * @param together whether they share steps
   */
  private static List<List<Integer>> answers(
      SmallModel model, boolean launchesAhead, boolean together) {
    SplittableRandom random = new SplittableRandom(77);
    List<List<Integer>> answers = new ArrayList<>();
    try (NativeKvPool pool =
            NativeKvPool.create(TestDevice.kvStorage(), model.shape(), POOL_BLOCKS);
        ChunkTiers tiers = ChunkTiers.deviceOnly(STORE_BYTES, pool);
        Engine engine =
            new Engine(
                model.profile(),
                new Runner(model.session(), launchesAhead),
                DeviceCheck.NONE,
                SilentCodec.INSTANCE,
                pool,
                tiers,
                LoadPolicy.LOAD,
                REQUESTS,
                new BatchLimits(6, 64),
                Duration.ZERO,
                Ticker.systemTicker())) {
      for (ImmutableIntArray chunk : List.of(A, B, Prompts.C, Prompts.D)) {
        engine.collect(List.of(chunk), Interruption.NEVER).result().join();
      }
      List<Ticket<GenerateResult>> tickets = new ArrayList<>();
      for (int i = 0; i < REQUESTS; i++) {
        List<Integer> tokens = new ArrayList<>();
        answers.add(tokens);
        GenerateCommand command =
            new GenerateCommand(
                PROMPTS.get(random.nextInt(PROMPTS.size())),
                ARMS.get(random.nextInt(ARMS.size())),
                random.nextInt(1, 70),
                Sampling.GREEDY,
                new StopConditions(List.of(), Set.of(random.nextInt(SmallModel.VOCABULARY)), true),
                ReturnOptions.NONE);
        Ticket<GenerateResult> ticket =
            engine.generate(command, token -> tokens.add(token.tokenId()), Interruption.NEVER);
        tickets.add(ticket);
        if (!together) {
          ticket.result().join();
        }
      }
      tickets.forEach(ticket -> ticket.result().join());
      assertThat(pool.statistics().reservedBlockCount()).isZero();
    }
    return answers;
  }

  @ParameterizedTest
  @EnumSource(SmallModel.class)
  @DisplayName("S7: steps that are launched ahead give the tokens of one step after the other")
  void stepsThatAreLaunchedAheadAreExact(SmallModel model) {
    List<List<Integer>> expected = answers(model, false, false);
    assertThat(answers(model, true, false)).isEqualTo(expected);
    assertThat(answers(model, true, true)).isEqualTo(expected);
  }
}
