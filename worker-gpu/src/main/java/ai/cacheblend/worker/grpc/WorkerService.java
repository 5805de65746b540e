package ai.cacheblend.worker.grpc;

import ai.cacheblend.proto.v1.AcquireLeaseRequest;
import ai.cacheblend.proto.v1.AcquireLeaseResponse;
import ai.cacheblend.proto.v1.CheckRequest;
import ai.cacheblend.proto.v1.CheckResponse;
import ai.cacheblend.proto.v1.CollectRequest;
import ai.cacheblend.proto.v1.CollectResponse;
import ai.cacheblend.proto.v1.DemoteRequest;
import ai.cacheblend.proto.v1.DemoteResponse;
import ai.cacheblend.proto.v1.DescribeRequest;
import ai.cacheblend.proto.v1.DescribeResponse;
import ai.cacheblend.proto.v1.GenerateRequest;
import ai.cacheblend.proto.v1.GenerateResponse;
import ai.cacheblend.proto.v1.ReleaseLeaseRequest;
import ai.cacheblend.proto.v1.ReleaseLeaseResponse;
import ai.cacheblend.proto.v1.ResetRequest;
import ai.cacheblend.proto.v1.ResetResponse;
import ai.cacheblend.proto.v1.Segment;
import ai.cacheblend.proto.v1.TokenIdCodec;
import ai.cacheblend.proto.v1.TokenizeRequest;
import ai.cacheblend.proto.v1.TokenizeResponse;
import ai.cacheblend.proto.v1.WorkerGrpc;
import ai.cacheblend.worker.engine.Engine;
import ai.cacheblend.worker.engine.FailureKind;
import ai.cacheblend.worker.engine.Ticket;
import ai.cacheblend.worker.engine.WorkerException;
import com.google.common.base.Ticker;
import com.google.common.primitives.ImmutableIntArray;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The methods of {@code cacheblend.v1.Worker}: each decodes the request, calls the engine once, and
 * encodes the result.
 *
 * <p>gRPC calls the methods on its I/O threads. Work that takes longer than a copy of the message,
 * such as tokenization or a device query, runs on other threads.
 */
final class WorkerService extends WorkerGrpc.WorkerImplBase {
  private final Engine engine;
  private final WorkerDescription description;
  private final String instanceId = UUID.randomUUID().toString();
  private final RequestDecoder decoder;
  private final Leases leases;
  private final Executor textCalls;
  private final Executor describeCalls;
  private final Duration readerTimeout;
  private final Ticker ticker;

  WorkerService(
      Engine engine,
      WorkerDescription description,
      Leases leases,
      Executor textCalls,
      Executor describeCalls,
      Duration readerTimeout,
      Ticker ticker) {
    this.engine = engine;
    this.description = description;
    this.leases = leases;
    this.decoder = new RequestDecoder(engine);
    this.textCalls = textCalls;
    this.describeCalls = describeCalls;
    this.readerTimeout = readerTimeout;
    this.ticker = ticker;
  }

  @Override
  public void describe(DescribeRequest request, StreamObserver<DescribeResponse> observer) {
    Optional<String> lease = LeaseInterceptor.currentLease();
    unary(
        "Describe",
        observer,
        describeCalls,
        context ->
            done(
                DescribeEncoder.describe(
                    description, instanceId, engine, leases.statistics(lease))),
        Function.identity(),
        (log, result) -> {});
  }

  @Override
  public void tokenize(TokenizeRequest request, StreamObserver<TokenizeResponse> observer) {
    unary(
        "Tokenize",
        observer,
        textCalls,
        context -> done(tokenize(request, context)),
        Function.identity(),
        (log, result) -> {});
  }

  @Override
  public void collect(CollectRequest request, StreamObserver<CollectResponse> observer) {
    unary(
        "Collect",
        observer,
        threadFor(request.getChunksList()),
        context -> {
          var chunks = decode(() -> decoder.chunks(request, context));
          return withdrawable(engine.collect(chunks, context), context);
        },
        ResponseEncoder::collect,
        RequestLog::add);
  }

  @Override
  public void check(CheckRequest request, StreamObserver<CheckResponse> observer) {
    unary(
        "Check",
        observer,
        threadFor(request.getSegmentsList()),
        context -> {
          var command = decode(() -> decoder.check(request, context));
          return withdrawable(engine.check(command, context), context);
        },
        ResponseEncoder::check,
        RequestLog::add);
  }

  @Override
  public void generate(GenerateRequest request, StreamObserver<GenerateResponse> observer) {
    PacedStream stream =
        new PacedStream(
            (ServerCallStreamObserver<GenerateResponse>) observer, readerTimeout, ticker);
    unary(
        "Generate",
        observer,
        threadFor(request.getSegmentsList()),
        context -> {
          var command = decode(() -> decoder.generate(request, context));
          return withdrawable(engine.generate(command, stream, context), context);
        },
        ResponseEncoder::finished,
        RequestLog::add);
  }

  @Override
  public void reset(ResetRequest request, StreamObserver<ResetResponse> observer) {
    unary(
        "Reset",
        observer,
        Runnable::run,
        context -> {
          var keys = decode(() -> decoder.keys(request));
          return withdrawable(engine.reset(keys, context), context);
        },
        ResponseEncoder::reset,
        (log, result) -> {});
  }

  @Override
  public void demote(DemoteRequest request, StreamObserver<DemoteResponse> observer) {
    unary(
        "Demote",
        observer,
        Runnable::run,
        context -> {
          var keys = decode(() -> decoder.keys(request));
          var tier = decode(() -> decoder.tier(request));
          return withdrawable(engine.demote(keys, tier, context), context);
        },
        unused -> DemoteResponse.getDefaultInstance(),
        (log, result) -> {});
  }

  @Override
  public void acquireLease(
      AcquireLeaseRequest request, StreamObserver<AcquireLeaseResponse> observer) {
    unary(
        "AcquireLease",
        observer,
        Runnable::run,
        context -> done(decode(() -> LeaseRequest.of(request)).apply(leases)),
        id -> AcquireLeaseResponse.newBuilder().setLeaseId(id).build(),
        (log, id) -> {});
  }

  @Override
  public void releaseLease(
      ReleaseLeaseRequest request, StreamObserver<ReleaseLeaseResponse> observer) {
    unary(
        "ReleaseLease",
        observer,
        Runnable::run,
        context -> {
          leases.release(request.getLeaseId());
          return done(ReleaseLeaseResponse.getDefaultInstance());
        },
        Function.identity(),
        (log, result) -> {});
  }

  private TokenizeResponse tokenize(TokenizeRequest request, CallContext context) {
    TokenizeResponse.Builder response = TokenizeResponse.newBuilder();
    for (String text : decode(() -> decoder.texts(request))) {
      context.check();
      ImmutableIntArray ids = engine.encode(text, request.getAddSpecialTokens());
      response.addTokenIds(TokenIdCodec.encode(ids.toArray()));
    }
    for (ImmutableIntArray ids : decode(() -> decoder.tokenIds(request))) {
      context.check();
      response.addTexts(engine.decode(ids));
    }
    return response.build();
  }

  /** The executor that decodes a request with these segments. */
  private Executor threadFor(List<Segment> segments) {
    return segments.stream().anyMatch(Segment::hasText) ? textCalls : Runnable::run;
  }

  /**
   * Runs a call whose last message is the encoded result.
   *
   * @param decoding executor that decodes the request and submits it to the engine
   */
  private <R, M> void unary(
      String call,
      StreamObserver<M> observer,
      Executor decoding,
      Function<CallContext, CompletableFuture<R>> submit,
      Function<R, M> encode,
      BiConsumer<RequestLog, R> logResult) {
    RequestLog log = new RequestLog(call, ticker);
    // With a handler, sending to a caller that has disconnected does not throw.
    ((ServerCallStreamObserver<M>) observer).setOnCancelHandler(() -> {});
    CompletableFuture<Void> unused =
        CompletableFuture.completedFuture(CallContext.current())
            .thenComposeAsync(submit, decoding)
            .thenAccept(
                result -> {
                  M message = encode.apply(result);
                  logResult.accept(log, result);
                  observer.onNext(message);
                  observer.onCompleted();
                  log.write(Status.OK);
                })
            .exceptionally(
                failure -> {
                  Status status = StatusMapper.toStatus(failure);
                  observer.onError(status.asRuntimeException());
                  log.write(status);
                  return null;
                });
  }

  private static <R> CompletableFuture<R> withdrawable(Ticket<R> ticket, CallContext context) {
    context.onCancelled(ticket::withdraw);
    return ticket.result();
  }

  private static <R> CompletableFuture<R> done(R result) {
    return CompletableFuture.completedFuture(result);
  }

  private static <R> R decode(Supplier<R> decoding) {
    try {
      return decoding.get();
    } catch (IllegalArgumentException e) {
      throw new WorkerException(FailureKind.INVALID_REQUEST, e.getMessage(), e);
    }
  }
}
