package ai.cacheblend.soak;

import ai.cacheblend.proto.v1.CollectRequest;
import ai.cacheblend.proto.v1.CollectResponse;
import ai.cacheblend.proto.v1.DemoteRequest;
import ai.cacheblend.proto.v1.DemoteResponse;
import ai.cacheblend.proto.v1.DescribeRequest;
import ai.cacheblend.proto.v1.DescribeResponse;
import ai.cacheblend.proto.v1.GenerateRequest;
import ai.cacheblend.proto.v1.GenerateResponse;
import ai.cacheblend.proto.v1.ResetRequest;
import ai.cacheblend.proto.v1.ResetResponse;
import ai.cacheblend.proto.v1.Tier;
import ai.cacheblend.proto.v1.TierStatistics;
import ai.cacheblend.proto.v1.WorkerGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;

/**
 * Random requests to one worker, many at once: arrivals in bursts, random lengths and arms,
 * cancellations after some tokens, deadlines, resets of the chunk store, and demotions of chunks to
 * the tiers that the worker has. Equal requests must have equal answers, alone and beside others.
 */
public final class Stress {
  private static final int MAX_IN_FLIGHT = 80;
  private static final int REFERENCE_COUNT = 24;
  private static final int DEADLINE_SECONDS = 300;
  private static final int SHORT_DEADLINE_MILLIS = 2000;
  private static final int SETTLING_POLLS = 600;
  private static final Set<Status.Code> ALWAYS =
      EnumSet.of(Status.Code.OK, Status.Code.NOT_FOUND, Status.Code.RESOURCE_EXHAUSTED);

  /** A tier is full. */
  private static final Set<Status.Code> DEMOTE =
      EnumSet.of(
          Status.Code.OK,
          Status.Code.NOT_FOUND,
          Status.Code.RESOURCE_EXHAUSTED,
          Status.Code.FAILED_PRECONDITION);

  private final WorkerGrpc.WorkerStub worker;
  private final WorkerGrpc.WorkerBlockingStub blocking;
  private final Random random;
  private final Ledger ledger = new Ledger();
  private final Semaphore slots = new Semaphore(MAX_IN_FLIGHT);
  private final Map<Integer, List<Integer>> answers = new ConcurrentHashMap<>();
  private List<Tier> tiers = List.of();
  private List<String> chunkKeys = List.of();

  public Stress(ManagedChannel channel, long seed) {
    this.worker = WorkerGrpc.newStub(channel);
    this.blocking = WorkerGrpc.newBlockingStub(channel);
    this.random = new Random(seed);
  }

  /**
   * Sends requests and waits for their ends.
   *
   * @param progress receives the number of requests sent so far, after each
   */
  public void run(int requestCount, IntConsumer progress) throws InterruptedException {
    tiers = describe().getTiersList().stream().map(TierStatistics::getTier).toList();
    chunkKeys =
        StressRequests.collectEach().stream()
            .map(request -> collect(request).getChunks(0).getKey())
            .toList();
    answerReferences();
    for (int i = 1; i <= requestCount; i++) {
      send();
      progress.accept(i);
      if (random.nextInt(20) == 0) {
        awaitAtMost(random.nextInt(MAX_IN_FLIGHT));
      }
    }
    slots.acquire(MAX_IN_FLIGHT);
    settle();
    answerReferences();
  }

  /** So that a burst begins with that many requests in flight. */
  private void awaitAtMost(int inFlight) throws InterruptedException {
    slots.acquire(MAX_IN_FLIGHT - inFlight);
    slots.release(MAX_IN_FLIGHT - inFlight);
  }

  /** One at a time. The first call stores the answers, and the next one compares them. */
  private void answerReferences() {
    for (int number = 0; number < REFERENCE_COUNT; number++) {
      var unused = collect(StressRequests.collect(number));
      List<Integer> tokens = new ArrayList<>();
      Iterator<GenerateResponse> events =
          blocking
              .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
              .generate(StressRequests.generate(number));
      events.forEachRemaining(event -> tokens.addAll(event.getTokens().getTokenIdsList()));
      compare(number, tokens, true);
    }
  }

  private CollectResponse collect(CollectRequest request) {
    return blocking.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS).collect(request);
  }

  private DescribeResponse describe() {
    return blocking
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
        .describe(DescribeRequest.getDefaultInstance());
  }

  private void send() throws InterruptedException {
    slots.acquire();
    int number = random.nextInt(StressRequests.COUNT);
    GenerateRequest request = StressRequests.generate(number);
    switch (random.nextInt(20)) {
      case 0, 1 ->
          worker
              .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
              .collect(
                  StressRequests.collect(number), new Call<CollectResponse>("Collect", ALWAYS));
      case 2, 3 ->
          generate(
              "Generate, cancelled",
              number,
              request,
              DEADLINE_SECONDS * 1000,
              random.nextInt(request.getMaxNewTokens() + 1));
      case 4, 5 ->
          generate(
              "Generate, short deadline",
              number,
              request,
              1 + random.nextInt(SHORT_DEADLINE_MILLIS),
              Integer.MAX_VALUE);
      default -> generate("Generate", number, request, DEADLINE_SECONDS * 1000, Integer.MAX_VALUE);
    }
    if (!tiers.isEmpty() && random.nextInt(10) == 0) {
      demote();
    }
    if (random.nextInt(1000) == 0) {
      slots.acquire();
      worker.reset(ResetRequest.getDefaultInstance(), new Call<ResetResponse>("Reset", ALWAYS));
      slots.acquire();
      worker.collect(StressRequests.collectAll(), new Call<CollectResponse>("Collect", ALWAYS));
    }
  }

  private void demote() throws InterruptedException {
    slots.acquire();
    worker
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
        .demote(
            DemoteRequest.newBuilder()
                .addKeys(chunkKeys.get(random.nextInt(chunkKeys.size())))
                .setTier(tiers.get(random.nextInt(tiers.size())))
                .build(),
            new Call<DemoteResponse>("Demote", DEMOTE));
  }

  private void generate(
      String kind, int number, GenerateRequest request, int deadlineMillis, int cancelAfter) {
    Set<Status.Code> allowed = EnumSet.copyOf(ALWAYS);
    if (deadlineMillis <= SHORT_DEADLINE_MILLIS) {
      allowed.add(Status.Code.DEADLINE_EXCEEDED);
    }
    if (cancelAfter < Integer.MAX_VALUE) {
      allowed.add(Status.Code.CANCELLED);
    }
    worker
        .withDeadlineAfter(deadlineMillis, TimeUnit.MILLISECONDS)
        .generate(request, new Answer(kind, allowed, number, cancelAfter));
  }

  /** Tokens of an answer that did not finish are the first ones of the whole answer. */
  private void compare(int number, List<Integer> tokens, boolean finished) {
    List<Integer> first = finished ? answers.putIfAbsent(number, tokens) : answers.get(number);
    if (first == null) {
      return;
    }
    List<Integer> expected =
        finished ? first : first.subList(0, Math.min(tokens.size(), first.size()));
    if (!expected.equals(tokens)) {
      ledger.violation("request %d gave %s, before %s".formatted(number, tokens, first));
    }
  }

  /** After the last request, the worker holds no memory of a request. */
  private void settle() throws InterruptedException {
    DescribeResponse state = DescribeResponse.getDefaultInstance();
    for (int i = 0; i < SETTLING_POLLS; i++) {
      state = describe();
      if (state.getLeases().getActiveRequestCount() == 0
          && state.getPool().getReservedBlockCount() == 0) {
        break;
      }
      Thread.sleep(100);
    }
    if (state.getLeases().getActiveRequestCount() > 0
        || state.getPool().getReservedBlockCount() > 0) {
      ledger.violation(
          "the worker holds %d requests and %d KV blocks after the last call"
              .formatted(
                  state.getLeases().getActiveRequestCount(),
                  state.getPool().getReservedBlockCount()));
    }
    requireNoLeasedChunks();
  }

  /** A chunk that is leased keeps its bytes after a reset. */
  private void requireNoLeasedChunks() {
    ResetResponse unused =
        blocking
            .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
            .reset(ResetRequest.getDefaultInstance());
    DescribeResponse state = describe();
    if (state.getChunks().getByteCount() > 0) {
      ledger.violation(
          "chunks of %d bytes are leased after the last call"
              .formatted(state.getChunks().getByteCount()));
    }
    for (TierStatistics tier : state.getTiersList()) {
      if (tier.getByteCount() > 0 || tier.getCorruptCount() > 0) {
        ledger.violation(
            "%s holds %d bytes after a reset, and has read %d corrupt chunks"
                .formatted(tier.getTier(), tier.getByteCount(), tier.getCorruptCount()));
      }
    }
  }

  public List<String> violations() {
    return ledger.violations();
  }

  /** Calls by kind, and how they ended. */
  public String table() {
    return ledger.table();
  }

  /** One call, which must end once with an allowed status. */
  private class Call<M> implements StreamObserver<M> {
    private final String kind;
    private final Set<Status.Code> allowed;

    Call(String kind, Set<Status.Code> allowed) {
      this.kind = kind;
      this.allowed = allowed;
      ledger.started(kind);
    }

    @Override
    public void onNext(M message) {}

    @Override
    public void onError(Throwable failure) {
      end(Status.fromThrowable(failure));
    }

    @Override
    public void onCompleted() {
      end(Status.OK);
    }

    void end(Status status) {
      ledger.ended(kind, status.getCode());
      if (!allowed.contains(status.getCode())) {
        ledger.violation(kind + ": " + status);
      }
      slots.release();
    }
  }

  private final class Answer extends Call<GenerateResponse>
      implements ClientResponseObserver<GenerateRequest, GenerateResponse> {
    private final int number;
    private final int cancelAfter;
    private final List<Integer> tokens = Collections.synchronizedList(new ArrayList<>());
    private ClientCallStreamObserver<GenerateRequest> call;
    private boolean finished;

    /**
     * @param cancelAfter tokens after which the call is cancelled; 0: at once
     */
    Answer(String kind, Set<Status.Code> allowed, int number, int cancelAfter) {
      super(kind, allowed);
      this.number = number;
      this.cancelAfter = cancelAfter;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<GenerateRequest> stream) {
      call = stream;
    }

    @Override
    public void onNext(GenerateResponse message) {
      tokens.addAll(message.getTokens().getTokenIdsList());
      finished |= message.hasFinished();
      if (tokens.size() >= cancelAfter && !finished) {
        call.cancel("cancelled by the test", null);
      }
    }

    @Override
    void end(Status status) {
      if (status.isOk() && !finished) {
        ledger.violation("request %d ended without its last message".formatted(number));
      }
      compare(number, List.copyOf(tokens), finished);
      super.end(status);
    }
  }
}
