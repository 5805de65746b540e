package ai.cacheblend.worker.grpc;

import ai.cacheblend.proto.v1.WorkerGrpc;
import ai.cacheblend.worker.engine.Engine;
import com.google.common.base.Ticker;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerInterceptors;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** The gRPC server of one worker, with health and reflection beside it. */
public final class WorkerServer {
  /**
   * A million token ids take 4 MB: such a prompt should reach us, so that the refusal can say what
   * is wrong.
   */
  private static final int MAX_REQUEST_BYTES = 64 << 20;

  private static final Duration READER_PATIENCE = Duration.ofSeconds(5);

  /** A message of the largest size is tokenized in less. */
  private static final Duration SLOW_CALL_PATIENCE = Duration.ofSeconds(10);

  private final Engine engine;
  private final HealthStatusManager health = new HealthStatusManager();
  private final ExecutorService slowCalls =
      Executors.newCachedThreadPool(
          new ThreadFactoryBuilder().setNameFormat("slow-call-%d").setDaemon(true).build());
  private final Server server;

  /** The builder brings transport and address. */
  public WorkerServer(ServerBuilder<?> builder, Engine engine, WorkerDescription description) {
    this(builder, engine, description, READER_PATIENCE);
  }

  WorkerServer(
      ServerBuilder<?> builder,
      Engine engine,
      WorkerDescription description,
      Duration readerPatience) {
    this.engine = engine;
    setServing(ServingStatus.NOT_SERVING);
    this.server =
        builder
            .maxInboundMessageSize(MAX_REQUEST_BYTES)
            // Handing a call to another thread takes longer than decoding it.
            .directExecutor()
            .addService(
                ServerInterceptors.intercept(
                    new WorkerService(
                        engine, description, slowCalls, readerPatience, Ticker.systemTicker()),
                    new EarlyHeaders()))
            .addService(health.getHealthService())
            .addService(ProtoReflectionServiceV1.newInstance())
            .build();
  }

  /** Returns when it can answer. */
  public void start() throws IOException {
    server.start();
    setServing(ServingStatus.SERVING);
  }

  public int port() {
    return server.getPort();
  }

  /**
   * Refuses new calls, lets the running ones end for so long, ends the rest. The engine is shut
   * down with it.
   */
  public void shutDown(Duration drain) throws InterruptedException {
    setServing(ServingStatus.NOT_SERVING);
    server.shutdown();
    engine.shutDown(drain);
    if (!server.awaitTermination(1, TimeUnit.SECONDS)) {
      server.shutdownNow();
      server.awaitTermination(1, TimeUnit.SECONDS);
    }
    // What they use is closed next.
    slowCalls.shutdown();
    slowCalls.awaitTermination(SLOW_CALL_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void setServing(ServingStatus status) {
    health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, status);
    health.setStatus(WorkerGrpc.SERVICE_NAME, status);
  }
}
