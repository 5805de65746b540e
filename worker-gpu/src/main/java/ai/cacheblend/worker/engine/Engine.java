package ai.cacheblend.worker.engine;

import ai.cacheblend.worker.blend.RowPlan;
import ai.cacheblend.worker.blend.RowPlanner;
import ai.cacheblend.worker.chunks.ChunkKey;
import ai.cacheblend.worker.chunks.ChunkKeys;
import ai.cacheblend.worker.chunks.ChunkStatistics;
import ai.cacheblend.worker.chunks.ChunkStore;
import ai.cacheblend.worker.kv.KvExhaustedException;
import ai.cacheblend.worker.kv.KvPool;
import ai.cacheblend.worker.kv.KvPoolStatistics;
import ai.cacheblend.worker.kv.KvSequence;
import ai.cacheblend.worker.model.DeviceMemoryException;
import ai.cacheblend.worker.model.ModelFailureException;
import ai.cacheblend.worker.model.ModelProfile;
import ai.cacheblend.worker.model.ModelRunner;
import ai.cacheblend.worker.model.StepOutput;
import ai.cacheblend.worker.model.TextCodec;
import com.google.common.base.Ticker;
import com.google.common.primitives.ImmutableIntArray;
import java.time.Duration;
import java.util.List;

/**
 * Requests of the worker. Any thread may call; what is wrong with a request is told by the call
 * itself, the rest by its ticket. The engine lends its resources and closes none of them.
 */
public final class Engine {
  private final Resources resources;
  private final Scheduler scheduler;
  private final RequestValidator validator;
  private final Generation generation;
  private final ChunkCollection collection;
  private final Blend blend;
  private final int queueCapacity;
  private final int maxSequenceTokenCount;

  /**
   * An engine with a thread of its own.
   *
   * @param alertness how long that thread looks for a next request before it sleeps
   */
  public Engine(
      ModelProfile model,
      ModelRunner runner,
      TextCodec codec,
      KvPool pool,
      ChunkStore store,
      int queueCapacity,
      Duration alertness,
      Ticker ticker) {
    this.resources =
        new Resources(
            model,
            runner,
            codec,
            pool,
            store,
            new ChunkKeys(model.fingerprint(), model.dtype(), model.bosTokenId()),
            new RowPlanner(model.checkLayers()),
            ticker);
    KvPoolStatistics capacity = pool.statistics();
    this.maxSequenceTokenCount =
        (int)
            Math.min(
                model.maxPositionCount(), capacity.totalBlockCount() * capacity.blockTokenCount());
    this.validator = new RequestValidator(model, maxSequenceTokenCount);
    this.generation = new Generation(resources);
    this.collection = new ChunkCollection(resources);
    this.blend = new Blend(runner);
    this.queueCapacity = queueCapacity;
    this.scheduler = new Scheduler(queueCapacity, runner::interrupt, alertness, ticker);
  }

  public Ticket<CollectResult> collect(List<ImmutableIntArray> chunks, Interruption interruption) {
    validator.validateChunks(chunks);
    List<ImmutableIntArray> copy = List.copyOf(chunks);
    return submit((running, queueNanos) -> collection.run(copy, running, queueNanos), interruption);
  }

  public Ticket<CheckResult> check(CheckCommand command, Interruption interruption) {
    validator.validate(command);
    return submit((running, queueNanos) -> check(command), interruption);
  }

  public Ticket<GenerateResult> generate(
      GenerateCommand command, TokenSink sink, Interruption interruption) {
    validator.validate(command);
    return submit(
        (running, queueNanos) -> generation.run(command, sink, running, queueNanos), interruption);
  }

  /** Drops these chunks, or all. */
  public Ticket<ChunkStore.Dropped> reset(List<ChunkKey> keys, Interruption interruption) {
    List<ChunkKey> copy = List.copyOf(keys);
    ChunkStore store = resources.store();
    return submit(
        (running, queueNanos) -> copy.isEmpty() ? store.dropAll() : store.drop(copy), interruption);
  }

  public ImmutableIntArray encode(String text, boolean addSpecialTokens) {
    return resources.codec().encode(text, addSpecialTokens);
  }

  public String decode(ImmutableIntArray tokenIds) {
    validator.requireInVocabulary("token_ids", tokenIds);
    return resources.codec().decode(tokenIds);
  }

  public KvPoolStatistics poolStatistics() {
    return resources.pool().statistics();
  }

  public ChunkStatistics chunkStatistics() {
    return resources.store().statistics();
  }

  public int queueCapacity() {
    return queueCapacity;
  }

  public int waitingCount() {
    return scheduler.waitingCount();
  }

  public int maxSequenceTokenCount() {
    return maxSequenceTokenCount;
  }

  /** Takes no more requests, lets the accepted ones end for so long, then ends them. */
  public void shutDown(Duration drain) throws InterruptedException {
    scheduler.drain(drain);
    scheduler.abort();
  }

  private CheckResult check(CheckCommand command) {
    Prompt prompt = command.prompt();
    int promptTokenCount = Math.toIntExact(prompt.tokenCount());
    try (PromptChunks chunks = resources.lease(prompt, command.arm(), ChunkStore.Use.CHECK);
        KvSequence sequence = resources.pool().reserve(promptTokenCount)) {
      chunks.injectInto(sequence);
      RowPlan plan = resources.planner().plan(prompt.layout(), command.arm());
      StepOutput output = blend.run(prompt, command.arm(), plan, sequence, false, true, true);
      return new CheckResult(
          chunks.descriptions(),
          promptTokenCount,
          plan.eligibleRowCount(),
          output.layerScores(),
          output.activePositions(),
          plan.forcedRowCount());
    }
  }

  /** Gives failures of the parts below their kind. */
  private <R> Ticket<R> submit(Scheduler.Work<R> work, Interruption interruption) {
    return scheduler.submit(
        (running, queueNanos) -> {
          try {
            return work.run(running, queueNanos);
          } catch (KvExhaustedException e) {
            throw new WorkerException(FailureKind.CAPACITY_EXCEEDED, e.getMessage(), e);
          } catch (DeviceMemoryException e) {
            throw new WorkerException(
                FailureKind.CAPACITY_EXCEEDED,
                e.getMessage()
                    + "; shorten the prompt, or start the worker with less --kv-memory or"
                    + " --chunk-memory",
                e);
          } catch (ModelFailureException e) {
            throw new WorkerException(FailureKind.MODEL_FAILURE, e.getMessage(), e);
          }
        },
        interruption);
  }
}
