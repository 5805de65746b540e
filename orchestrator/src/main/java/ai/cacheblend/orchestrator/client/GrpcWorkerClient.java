package ai.cacheblend.orchestrator.client;

import ai.cacheblend.orchestrator.plan.Arm;
import ai.cacheblend.orchestrator.plan.PlanException;
import ai.cacheblend.orchestrator.plan.Tier;
import ai.cacheblend.proto.v1.CheckRequest;
import ai.cacheblend.proto.v1.CheckResponse;
import ai.cacheblend.proto.v1.CheckedChunk;
import ai.cacheblend.proto.v1.CollectRequest;
import ai.cacheblend.proto.v1.CollectResponse;
import ai.cacheblend.proto.v1.DemoteRequest;
import ai.cacheblend.proto.v1.DemoteResponse;
import ai.cacheblend.proto.v1.DescribeRequest;
import ai.cacheblend.proto.v1.GenerateRequest;
import ai.cacheblend.proto.v1.ResetRequest;
import ai.cacheblend.proto.v1.TokenizeRequest;
import ai.cacheblend.proto.v1.WorkerGrpc;
import ai.cacheblend.transport.BusyPoll;
import ai.cacheblend.transport.IoThreads;
import com.google.common.base.Ticker;
import com.google.common.collect.Lists;
import com.google.common.net.HostAndPort;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import io.grpc.ChannelCredentials;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** A worker over gRPC. Calls are never retried: the times of a retried call are not defined. */
public final class GrpcWorkerClient implements WorkerClient {
  private static final int MAX_MESSAGE_BYTES = 256 << 20;

  /** Workers refuse a Tokenize with more than 4096 texts or lists. */
  private static final int MAX_TOKENIZE_ENTRIES = 4096;

  /** gRPC servers reject pings more often than every five minutes. */
  private static final Duration KEEP_ALIVE = Duration.ofSeconds(330);

  private static final int LEASE_RENEWAL_SECONDS = 5;

  private final String address;

  /**
   * One thread per worker: messages of other workers do not delay it, and a call that starts on it
   * is sent without waking another thread, which would be measured as time of the worker.
   */
  private final IoThreads ioThread;

  private final ManagedChannel channel;
  private final CallMetadata metadata;
  private final Ticker ticker;
  private final WorkerCalls calls;
  private final StartedCalls startedCalls;
  private final WorkerLease lease;
  private final ScheduledExecutorService heartbeatThread;

  /** On the heartbeat thread. */
  private int ticks;

  /** On the thread that runs the trials of this worker. */
  private long knownForeignRequests;

  private GrpcWorkerClient(
      String address,
      IoThreads ioThread,
      ManagedChannel channel,
      CallMetadata metadata,
      Ticker ticker,
      ClientLimits limits) {
    this.address = address;
    this.ioThread = ioThread;
    this.channel = channel;
    this.metadata = metadata;
    this.ticker = ticker;
    this.calls = new WorkerCalls(address, channel, limits);
    this.startedCalls = new StartedCalls(calls.heartbeat(), ioThread, calls.failures());
    this.lease = new WorkerLease(address, channel, calls, metadata);
    this.heartbeatThread =
        Executors.newSingleThreadScheduledExecutor(
            new ThreadFactoryBuilder()
                .setNameFormat("heartbeat of " + address.replace("%", "%%"))
                .setDaemon(true)
                .build());
    ScheduledFuture<?> unused =
        heartbeatThread.scheduleWithFixedDelay(this::tick, 1, 1, TimeUnit.SECONDS);
  }

  /** A client of the worker at {@code address}; the first call connects. */
  public static GrpcWorkerClient to(
      HostAndPort address, Ticker ticker, ClientLimits limits, Access access) {
    access.requireConfidential(address);
    CallMetadata metadata = access.metadata();
    ChannelCredentials credentials = access.credentials();
    IoThreads ioThread = new IoThreads(1, "calls of " + address);
    ManagedChannel channel;
    try {
      channel =
          ioThread
              .channel(address.getHost(), address.getPort(), credentials)
              .intercept(metadata)
              .disableRetry()
              .maxInboundMessageSize(MAX_MESSAGE_BYTES)
              .keepAliveTime(KEEP_ALIVE.toSeconds(), TimeUnit.SECONDS)
              .directExecutor()
              .build();
    } catch (IllegalArgumentException e) {
      ioThread.close();
      throw new PlanException("tls-ca, tls-cert or tls-key is not valid: " + e.getMessage());
    }
    return new GrpcWorkerClient(address.toString(), ioThread, channel, metadata, ticker, limits);
  }

  @Override
  public String address() {
    return address;
  }

  @Override
  public WorkerDescription describe() {
    WorkerDescription description =
        calls.call(
            stub ->
                DescriptionFormat.description(stub.describe(DescribeRequest.getDefaultInstance())));
    ioThread.setBusyPollDuration(
        BusyPoll.duration(
            description.device().kind().equals("cuda"),
            Runtime.getRuntime().availableProcessors()));
    return description;
  }

  @Override
  public List<ImmutableIntArray> tokenize(List<String> texts, boolean addSpecialTokens) {
    List<ImmutableIntArray> ids = new ArrayList<>(texts.size());
    for (List<String> part : Lists.partition(texts, MAX_TOKENIZE_ENTRIES)) {
      TokenizeRequest request =
          TokenizeRequest.newBuilder()
              .addAllTexts(part)
              .setAddSpecialTokens(addSpecialTokens)
              .build();
      ids.addAll(
          calls.call(
              stub ->
                  stub.tokenize(request).getTokenIdsList().stream()
                      .map(WireFormat::tokenIds)
                      .toList()));
    }
    return complete("Tokenize", texts.size(), ids);
  }

  @Override
  public List<String> detokenize(List<ImmutableIntArray> tokenIds) {
    List<String> texts = new ArrayList<>(tokenIds.size());
    for (List<ImmutableIntArray> part : Lists.partition(tokenIds, MAX_TOKENIZE_ENTRIES)) {
      TokenizeRequest request =
          TokenizeRequest.newBuilder()
              .addAllTokenIds(part.stream().map(WireFormat::tokenIds).toList())
              .build();
      texts.addAll(calls.call(stub -> List.copyOf(stub.tokenize(request).getTextsList())));
    }
    return complete("Tokenize", tokenIds.size(), texts);
  }

  @Override
  public List<CollectedChunk> collect(List<ImmutableIntArray> chunks) {
    CollectRequest request = WireFormat.collect(chunks);
    CollectResponse response = calls.call(stub -> stub.collect(request));
    return collected(chunks, response);
  }

  @Override
  public PendingCall<List<CollectedChunk>> startCollect(List<ImmutableIntArray> chunks) {
    CollectRequest request = WireFormat.collect(chunks);
    CollectObserver observer = new CollectObserver(ticker);
    return new PendingCall<>(
        observer.sent(),
        startedCalls.start(
            () -> calls.stub().collect(request, observer),
            observer::onError,
            observer.result().thenApply(response -> collected(chunks, response))));
  }

  private List<CollectedChunk> collected(List<ImmutableIntArray> chunks, CollectResponse response) {
    return complete(
        "Collect",
        chunks.size(),
        response.getChunksList().stream().map(WireFormat::collected).toList());
  }

  private <T> List<T> complete(String method, int requestedCount, List<T> answered) {
    if (answered.size() != requestedCount) {
      throw new WorkerException(
          WorkerException.Kind.FAILED,
          address,
          "INTERNAL",
          method + " answered " + answered.size() + " of " + requestedCount + " parts",
          null);
    }
    return answered;
  }

  @Override
  public CheckedPrompt check(List<PromptSegment> segments, Arm arm) {
    CheckRequest request =
        CheckRequest.newBuilder()
            .addAllSegments(WireFormat.segments(segments))
            .setArm(WireFormat.arm(arm))
            .build();
    CheckResponse response = calls.call(stub -> stub.check(request));
    return new CheckedPrompt(
        response.getChunksList().stream().map(CheckedChunk::getKey).toList(),
        response.getPromptTokenCount(),
        response.getEligibleTokenCount(),
        WireFormat.layerScores(response.getLayerScoresList()),
        response.getActivePositionsList(),
        response.getForcedRowCount());
  }

  @Override
  public GenerateResult generate(GenerateCall call) {
    PendingCall<GenerateResult> pending = startGenerate(call, ticker.read());
    try {
      return pending.result().get();
    } catch (ExecutionException e) {
      throw calls.failures().of(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new WorkerException(
          WorkerException.Kind.FAILED, address, "CANCELLED", "interrupted", e);
    }
  }

  @Override
  public PendingCall<GenerateResult> startGenerate(GenerateCall call, long intendedNanos) {
    GenerateRequest request = WireFormat.generate(call);
    CallTracer tracer = new CallTracer(ticker);
    WorkerGrpc.WorkerStub stub =
        WorkerGrpc.newStub(
            ClientInterceptors.intercept(channel, new TracingInterceptor(tracer.factory())));
    AnswerObserver answer = new AnswerObserver(tracer, ticker, intendedNanos);
    return new PendingCall<>(
        answer.sent(),
        answer.firstToken(),
        startedCalls.start(
            () -> calls.withDeadline(stub).generate(request, answer),
            answer::onError,
            answer.result()));
  }

  private void tick() {
    calls.heartbeat().tick();
    if (++ticks % LEASE_RENEWAL_SECONDS == 0) {
      metadata.refresh();
      lease.renew();
    }
  }

  /**
   * Reserves the worker for this client, until {@link #close}.
   *
   * @param shared whether other clients with shared leases may use it
   * @throws WorkerException if another client holds it; the message names the holder
   */
  public void acquireLease(String holder, boolean shared, LeaseWait wait) {
    lease.acquire(holder, shared, wait);
  }

  /** Ends the lease. On a worker that does not respond, it ends when it expires. */
  public void releaseLease() {
    lease.release();
  }

  @Override
  public long takeForeignRequestCount() {
    long count =
        calls.call(
            stub ->
                stub.describe(DescribeRequest.getDefaultInstance())
                    .getLeases()
                    .getForeignRequestCount());
    long since = count - knownForeignRequests;
    knownForeignRequests = count;
    return since;
  }

  @Override
  public void demote(List<String> keys, Tier tier) {
    DemoteRequest request = WireFormat.demote(keys, tier);
    DemoteResponse unused = calls.call(stub -> stub.demote(request));
  }

  @Override
  public int reset() {
    return calls.call(stub -> stub.reset(ResetRequest.getDefaultInstance()).getDroppedChunkCount());
  }

  @Override
  public void close() {
    releaseLease();
    heartbeatThread.shutdownNow();
    channel.shutdownNow();
    ioThread.close();
  }
}
