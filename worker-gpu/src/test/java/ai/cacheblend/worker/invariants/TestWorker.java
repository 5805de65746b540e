package ai.cacheblend.worker.invariants;

import ai.cacheblend.worker.blend.Arm;
import ai.cacheblend.worker.chunks.ChunkKey;
import ai.cacheblend.worker.chunks.ChunkKeys;
import ai.cacheblend.worker.chunks.ChunkStore;
import ai.cacheblend.worker.chunks.ChunkTiers;
import ai.cacheblend.worker.engine.BatchLimits;
import ai.cacheblend.worker.engine.CheckCommand;
import ai.cacheblend.worker.engine.CheckResult;
import ai.cacheblend.worker.engine.CollectResult;
import ai.cacheblend.worker.engine.DeviceCheck;
import ai.cacheblend.worker.engine.Engine;
import ai.cacheblend.worker.engine.GenerateCommand;
import ai.cacheblend.worker.engine.GenerateResult;
import ai.cacheblend.worker.engine.Interruption;
import ai.cacheblend.worker.engine.Prompt;
import ai.cacheblend.worker.engine.ReturnOptions;
import ai.cacheblend.worker.engine.Sampling;
import ai.cacheblend.worker.engine.StopConditions;
import ai.cacheblend.worker.engine.TokenSink;
import ai.cacheblend.worker.forecast.LoadPolicy;
import ai.cacheblend.worker.invariants.ProbedRunner.Probe;
import ai.cacheblend.worker.invariants.Prompts.PlacedChunk;
import ai.cacheblend.worker.kv.KvPool;
import ai.cacheblend.worker.kv.KvSequence;
import ai.cacheblend.worker.kv.NativeStoredKv;
import ai.cacheblend.worker.model.ModelProfile;
import ai.cacheblend.worker.model.Positions;
import ai.cacheblend.worker.model.RowSelection;
import ai.cacheblend.worker.model.SequenceStep;
import ai.cacheblend.worker.model.Step;
import com.google.common.base.Ticker;
import com.google.common.primitives.ImmutableIntArray;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** The engine with a small model and the native ops, with access to all KV. */
final class TestWorker implements AutoCloseable {
  private static final long STORE_BYTES = 64L << 20;
  private static final int QUEUE = 64;
  private static final BatchLimits ONE_AT_A_TIME = new BatchLimits(1, 64);

  /** Steps, tokens and result of a request. */
  record Run(List<Probe> steps, List<Integer> tokens, GenerateResult result) {
    Probe prefill() {
      return steps.get(0);
    }

    KvImage kv() {
      return steps.get(steps.size() - 1).kv();
    }

    List<Integer> activeRows() {
      return prefill().output().activePositions().asList();
    }
  }

  private final ProbedMemory memory;
  private final ProbedRunner runner;
  private final ChunkTiers tiers;
  private final ChunkKeys keys;
  private final Engine engine;

  TestWorker(SmallModel model) {
    this(model, ONE_AT_A_TIME);
  }

  TestWorker(SmallModel model, BatchLimits limits) {
    this(model, limits, false, memory -> ChunkTiers.deviceOnly(STORE_BYTES, memory));
  }

  /** Launches steps as on a GPU: before the tokens of the step before are known. */
  static TestWorker launchingAhead(SmallModel model, BatchLimits limits) {
    return new TestWorker(
        model, limits, true, memory -> ChunkTiers.deviceOnly(STORE_BYTES, memory));
  }

  TestWorker(SmallModel model, BatchLimits limits, Function<KvPool, ChunkTiers> openTiers) {
    this(model, limits, false, openTiers);
  }

  private TestWorker(
      SmallModel model,
      BatchLimits limits,
      boolean launchesAhead,
      Function<KvPool, ChunkTiers> openTiers) {
    memory = new ProbedMemory(model.shape());
    tiers = openTiers.apply(memory);
    runner = new ProbedRunner(model.session(), memory, launchesAhead);
    ModelProfile profile = model.profile();
    keys = new ChunkKeys(profile.fingerprint(), profile.dtype(), profile.bosTokenId());
    engine =
        new Engine(
            profile,
            runner,
            DeviceCheck.NONE,
            SilentCodec.INSTANCE,
            memory,
            tiers,
            LoadPolicy.LOAD,
            QUEUE,
            limits,
            Duration.ZERO,
            Ticker.systemTicker());
  }

  Engine engine() {
    return engine;
  }

  ProbedMemory memory() {
    return memory;
  }

  /** All steps since the last call. */
  List<Probe> takeProbes() {
    return runner.takeProbes();
  }

  /** Collects every cached segment, each on its own. */
  CollectResult collect(Prompt prompt) {
    return collect(Prompts.chunks(prompt).stream().map(PlacedChunk::tokenIds).toList());
  }

  CollectResult collect(List<ImmutableIntArray> chunks) {
    return engine.collect(chunks, Interruption.NEVER).result().join();
  }

  /** Collects a chunk and returns the KV of its sequence. */
  KvImage collectAndWatch(ImmutableIntArray chunk) {
    runner.takeProbes();
    collect(List.of(chunk));
    return runner.takeProbes().get(0).kv();
  }

  /** Stores, for every cached segment, its KV in a full prefill of the prompt. */
  void collectGolden(Prompt prompt) {
    ImmutableIntArray ids = Prompts.tokenIds(prompt);
    for (PlacedChunk chunk : Prompts.chunks(prompt)) {
      NativeStoredKv kv = memory.allocateChunk(chunk.tokenIds().length());
      try (KvSequence sequence = memory.reserve(ids.length());
          ChunkStore.Reservation room = tiers.device().reserve(kv.byteCount())) {
        sequence.capture(kv, chunk.from());
        runner.run(prefill(sequence, ids));
        room.commit(keys.of(chunk.tokenIds()), kv).close();
      }
    }
  }

  ChunkKey key(ImmutableIntArray chunk) {
    return keys.of(chunk);
  }

  NativeStoredKv stored(ImmutableIntArray chunk) {
    try (ChunkStore.Lease lease =
        tiers.device().lease(keys.of(chunk), ChunkStore.Use.CHECK).orElseThrow()) {
      return (NativeStoredKv) lease.kv();
    }
  }

  Run run(Prompt prompt, Arm arm, int newTokenCount) {
    runner.takeProbes();
    List<Integer> tokens = new ArrayList<>();
    GenerateResult result =
        engine
            .generate(command(prompt, arm, newTokenCount), sink(tokens), Interruption.NEVER)
            .result()
            .join();
    return new Run(runner.takeProbes(), tokens, result);
  }

  Run run(Prompt prompt, Arm arm) {
    return run(prompt, arm, 1);
  }

  CheckResult check(Prompt prompt, Arm arm) {
    return engine.check(new CheckCommand(prompt, arm), Interruption.NEVER).result().join();
  }

  static GenerateCommand command(Prompt prompt, Arm arm, int newTokenCount) {
    return new GenerateCommand(
        prompt,
        arm,
        newTokenCount,
        Sampling.GREEDY,
        new StopConditions(List.of(), Set.of(), true),
        new ReturnOptions(false, 0, SmallModel.VOCABULARY, true, false));
  }

  private static TokenSink sink(List<Integer> tokens) {
    return token -> tokens.add(token.tokenId());
  }

  private static Step prefill(KvSequence sequence, ImmutableIntArray ids) {
    return Step.of(
        new SequenceStep(
            sequence.handle(),
            ids,
            Positions.upTo(ids.length()),
            RowSelection.keepAll(SmallModel.CHECK_LAYERS),
            Set.of()));
  }

  @Override
  public void close() {
    engine.close();
    tiers.close();
    memory.close();
  }
}
