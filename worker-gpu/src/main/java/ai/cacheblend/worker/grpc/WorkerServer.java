package ai.cacheblend.worker.grpc;

import ai.cacheblend.proto.v1.WorkerGrpc;
import ai.cacheblend.worker.engine.Engine;
import com.google.common.base.Ticker;
import io.grpc.BindableService;
import io.grpc.Codec;
import io.grpc.DecompressorRegistry;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerInterceptors;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;

/** The gRPC server of one worker, with the health and reflection services. */
public final class WorkerServer {
  /**
   * A million token ids take 4 MB. Larger than any valid prompt, so that the worker can reply with
   * a message that names the limit of the model.
   */
  private static final int MAX_REQUEST_BYTES = 16 << 20;

  /** A small message can expand to a large one; token ids hardly compress. */
  private static final DecompressorRegistry NO_COMPRESSION =
      DecompressorRegistry.emptyInstance().with(Codec.Identity.NONE, false);

  private static final int DECODING_THREADS = 2;

  /** Each waiting message takes up to MAX_REQUEST_BYTES. */
  private static final int MAX_WAITING_MESSAGES = 16;

  private static final Duration READER_TIMEOUT = Duration.ofSeconds(5);

  /** Longer than the tokenization of the largest message. */
  private static final Duration TEXT_CALL_TIMEOUT = Duration.ofSeconds(10);

  private static final int MAX_TEXT_THREADS = 4;

  private final Engine engine;
  private final HealthStatusManager health = new HealthStatusManager();
  private final ExecutorService textCalls;
  private final ExecutorService describeCalls;
  private final ExecutorService decoding;
  private final Server server;

  /** The builder determines transport and address. */
  public WorkerServer(
      ServerBuilder<?> builder, Engine engine, WorkerDescription description, ServerAccess access) {
    this(builder, engine, description, access, READER_TIMEOUT, Ticker.systemTicker());
  }

  WorkerServer(
      ServerBuilder<?> builder,
      Engine engine,
      WorkerDescription description,
      ServerAccess access,
      Duration readerTimeout,
      Ticker ticker) {
    this.engine = engine;
    this.textCalls =
        BoundedExecutor.create(
            "text",
            Math.min(MAX_TEXT_THREADS, Runtime.getRuntime().availableProcessors()),
            engine.queueCapacity());
    this.describeCalls = BoundedExecutor.create("describe", 1, engine.queueCapacity());
    this.decoding = BoundedExecutor.create("decode", DECODING_THREADS, MAX_WAITING_MESSAGES);
    setServing(ServingStatus.NOT_SERVING);
    Leases leases = new Leases(ticker);
    WorkerService service =
        new WorkerService(
            engine, description, leases, textCalls, describeCalls, readerTimeout, ticker);
    RefusalLog refusals = new RefusalLog(ticker);
    CheckedMessages checked = new CheckedMessages(decoding, refusals);
    builder
        .maxInboundMessageSize(MAX_REQUEST_BYTES)
        .decompressorRegistry(NO_COMPRESSION)
        // A handover to another thread takes longer than decoding a request.
        .directExecutor()
        .addService(
            checked.of(
                ServerInterceptors.interceptForward(
                    service, new LeaseInterceptor(leases, ticker), new EarlyHeaders())))
        .addService(checked.of(health.getHealthService().bindService()));
    if (access.reflection()) {
      builder.addService(checked.of(ProtoReflectionServiceV1.newInstance().bindService()));
      builder.addService(checked.of(reflectionV1Alpha().bindService()));
    }
    access.tokens().ifPresent(tokens -> builder.intercept(new TokenInterceptor(tokens, refusals)));
    this.server = builder.build();
  }

  /** Many clients do not know the service under its final name. */
  @SuppressWarnings("deprecation")
  private static BindableService reflectionV1Alpha() {
    return ProtoReflectionService.newInstance();
  }

  /** Returns when the server accepts calls. */
  public void start() throws IOException {
    server.start();
    setServing(ServingStatus.SERVING);
    CompletableFuture<Void> unused =
        engine.deviceLoss().thenAccept(loss -> setServing(ServingStatus.NOT_SERVING));
  }

  public int port() {
    return server.getPort();
  }

  /**
   * Refuses new calls, waits for the running ones, aborts those that exceed the limit, and shuts
   * down the engine.
   */
  public void shutDown(Duration drain) throws InterruptedException {
    setServing(ServingStatus.NOT_SERVING);
    server.shutdown();
    engine.shutDown(drain);
    if (!server.awaitTermination(1, TimeUnit.SECONDS)) {
      server.shutdownNow();
      server.awaitTermination(1, TimeUnit.SECONDS);
    }
    // The caller closes the tokenizer next.
    describeCalls.shutdown();
    decoding.shutdown();
    textCalls.shutdown();
    textCalls.awaitTermination(TEXT_CALL_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void setServing(ServingStatus status) {
    health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, status);
    health.setStatus(WorkerGrpc.SERVICE_NAME, status);
  }
}
