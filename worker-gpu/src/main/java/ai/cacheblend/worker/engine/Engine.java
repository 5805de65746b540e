package ai.cacheblend.worker.engine;

import ai.cacheblend.worker.chunks.ChunkKey;
import ai.cacheblend.worker.chunks.ChunkStatistics;
import ai.cacheblend.worker.chunks.ChunkStore;
import ai.cacheblend.worker.chunks.ChunkTiers;
import ai.cacheblend.worker.chunks.Demotion;
import ai.cacheblend.worker.chunks.WantedChunk;
import ai.cacheblend.worker.chunks.tier.TierKind;
import ai.cacheblend.worker.chunks.tier.TierStatistics;
import ai.cacheblend.worker.forecast.LoadPolicy;
import ai.cacheblend.worker.kv.KvEncoding;
import ai.cacheblend.worker.kv.KvPool;
import ai.cacheblend.worker.kv.KvPoolStatistics;
import ai.cacheblend.worker.model.ModelProfile;
import ai.cacheblend.worker.model.ModelRunner;
import ai.cacheblend.worker.model.TextCodec;
import com.google.common.base.Ticker;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.util.concurrent.MoreExecutors;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Runs the requests of the worker. Any thread may call it. A call validates its request and throws
 * {@link WorkerException}; later failures complete the ticket. The engine owns its threads and none
 * of the resources that it is given: close the engine before them.
 */
public final class Engine implements AutoCloseable {
  private static final int MAX_TOKEN_THREADS = 16;

  /** Long enough to sample from 32 times 128,000 logits on 16 cores. */
  private static final Duration MAX_TOKEN_WAIT = Duration.ofMillis(5);

  /** At {@link #close}; a step is shorter, unless the device hangs. */
  private static final Duration MAX_STEP = Duration.ofSeconds(10);

  private final TokenThreads tokens =
      new TokenThreads(
          Math.min(MAX_TOKEN_THREADS, Runtime.getRuntime().availableProcessors()), MAX_TOKEN_WAIT);

  private final ExecutorService landing =
      Executors.newSingleThreadExecutor(
          new ThreadFactoryBuilder().setDaemon(true).setNameFormat("landing").build());

  private final Resources resources;
  private final StepExecutor executor;
  private final Scheduler scheduler;
  private final RequestValidator validator;
  private final int queueCapacity;
  private final int maxSequenceTokenCount;

  /**
   * Starts the scheduler thread.
   *
   * @param deviceCheck runs after an unexpected failure, to detect a lost device
   * @param loadPolicy of requests that ask for none
   * @param queueCapacity requests that can wait
   * @param limits size of the steps that running requests share
   * @param busyPoll how long the idle scheduler thread polls for requests before it blocks
   */
  public Engine(
      ModelProfile model,
      ModelRunner runner,
      DeviceCheck deviceCheck,
      TextCodec codec,
      KvPool pool,
      ChunkTiers tiers,
      LoadPolicy loadPolicy,
      int queueCapacity,
      BatchLimits limits,
      Duration busyPoll,
      Ticker ticker) {
    this.resources = new Resources(model, codec, pool, tiers, loadPolicy, ticker);
    KvPoolStatistics capacity = pool.statistics();
    this.maxSequenceTokenCount =
        (int)
            Math.min(
                model.maxPositionCount(), capacity.totalBlockCount() * capacity.blockTokenCount());
    this.validator = new RequestValidator(model, maxSequenceTokenCount);
    this.queueCapacity = queueCapacity;
    this.executor = new StepExecutor(runner, deviceCheck);
    this.scheduler =
        new Scheduler(queueCapacity, limits, executor, tokens, landing, busyPoll, ticker);
  }

  public Ticket<CollectResult> collect(List<ImmutableIntArray> chunks, Interruption interruption) {
    validator.validateChunks(chunks);
    return scheduler.submit(new ChunkCollection(resources, chunks), interruption);
  }

  public Ticket<CheckResult> check(CheckCommand command, Interruption interruption) {
    validator.validate(command);
    return scheduler.submit(new PromptCheck(resources, command), interruption);
  }

  public Ticket<GenerateResult> generate(
      GenerateCommand command, TokenSink sink, Interruption interruption) {
    validator.validate(command);
    Ticket<GenerateResult> ticket =
        scheduler.submit(new Generation(resources, command, sink), interruption);
    prefetch(command); // not for a request that the queue refuses
    return ticket;
  }

  /** Chunks in storage move to host memory while the request waits in the queue. */
  private void prefetch(GenerateCommand command) {
    ChunkTiers tiers = resources.tiers();
    if (tiers.prefetches() && command.arm().readsChunks()) {
      tiers.prefetch(
          command.prompt().segments().stream()
              .filter(Prompt.Segment::cached)
              .map(Prompt.Segment::tokenIds)
              .map(ids -> new WantedChunk(resources.keys().of(ids), ids.length()))
              .toList());
    }
  }

  /** Drops the chunks with these keys; without keys, all chunks and all cached blocks. */
  public Ticket<ResetResult> reset(List<ChunkKey> keys, Interruption interruption) {
    List<ChunkKey> copy = List.copyOf(keys);
    return scheduler.submit(new StoreRequest<>(() -> drop(copy)), interruption);
  }

  /** Moves chunks down to a tier; see {@link ChunkTiers#demote}. */
  public Ticket<Void> demote(List<ChunkKey> keys, TierKind to, Interruption interruption) {
    List<ChunkKey> copy = List.copyOf(keys);
    return scheduler.submit(
        new StoreRequest<>(
            () -> {
              CompletableFuture<Void> done = CompletableFuture.completedFuture(null);
              for (ChunkKey key : copy) {
                done =
                    done.thenCompose(unused -> resources.tiers().demote(key, to))
                        .thenAccept(demotion -> requireDone(demotion, key, to));
              }
              return done;
            }),
        interruption);
  }

  private static void requireDone(Demotion demotion, ChunkKey key, TierKind to) {
    String tier = to.name().toLowerCase(Locale.ROOT);
    switch (demotion) {
      case DONE -> {}
      case NO_SUCH_TIER ->
          throw new WorkerException(
              FailureKind.TIER_UNAVAILABLE,
              "tier is "
                  + tier
                  + ", which this worker does not have below the device; start it with"
                  + " --host-memory, --disk or --store");
      case UNKNOWN_CHUNK ->
          throw new WorkerException(
              FailureKind.UNKNOWN_CHUNK, "chunk " + key + " is not stored; call Collect first");
      case NOT_WRITTEN ->
          throw new WorkerException(
              FailureKind.TIER_UNAVAILABLE,
              "chunk "
                  + key
                  + " could not be written to the tier "
                  + tier
                  + "; increase its size, or see the worker log");
    }
  }

  private CompletableFuture<ResetResult> drop(List<ChunkKey> keys) {
    ChunkTiers tiers = resources.tiers();
    CompletableFuture<ChunkStore.Dropped> chunks =
        keys.isEmpty() ? tiers.dropAll() : tiers.drop(keys);
    long blocks = keys.isEmpty() ? resources.pool().dropCachedBlocks() : 0;
    return chunks.thenApply(
        dropped -> new ResetResult(dropped.chunkCount(), dropped.byteCount(), blocks));
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

  public StepStatistics stepStatistics() {
    return executor.statistics();
  }

  public ChunkStatistics chunkStatistics() {
    return resources.tiers().device().statistics();
  }

  /** Of the tiers below the device. */
  public List<TierStatistics> tierStatistics() {
    return resources.tiers().statistics();
  }

  /** Number format of chunks below the device; empty without tiers. */
  public Optional<KvEncoding> tierEncoding() {
    return resources.tiers().encoding();
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

  /**
   * Completes if the device has failed. The engine then refuses all requests; only a new process
   * can use the device.
   */
  public CompletableFuture<WorkerException> deviceLoss() {
    return scheduler.deviceLoss();
  }

  /** Refuses new requests and waits for the accepted ones; aborts those that exceed the limit. */
  public void shutDown(Duration drainLimit) throws InterruptedException {
    scheduler.drain(drainLimit);
    close();
  }

  /** Aborts all requests and ends the threads of the engine. Idempotent. */
  @Override
  public void close() {
    scheduler.abort();
    tokens.close();
    MoreExecutors.shutdownAndAwaitTermination(landing, MAX_STEP);
  }
}
