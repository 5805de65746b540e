package ai.cacheblend.worker.grpc;

import ai.cacheblend.proto.v1.GenerateResponse;
import ai.cacheblend.worker.engine.FailureKind;
import ai.cacheblend.worker.engine.NewToken;
import ai.cacheblend.worker.engine.TokenSink;
import ai.cacheblend.worker.engine.WorkerException;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;

/**
 * Sends each token at once, with flow control.
 *
 * <p>gRPC buffers about 32 KiB for a slow reader, more than a thousand tokens. Beyond that, the
 * scheduler thread waits here and blocks all requests. The total wait of a call is therefore
 * limited; a call that exceeds the limit fails. This bounds both the memory that a slow reader
 * takes and the time for which it blocks the worker.
 */
final class PacedStream implements TokenSink {
  private final ServerCallStreamObserver<GenerateResponse> observer;
  private final CallContext context;
  private final Duration timeout;

  /** Used on the scheduler thread. */
  private long remainingNanos;

  /** Must be called before the service method returns. */
  PacedStream(
      ServerCallStreamObserver<GenerateResponse> observer, CallContext context, Duration timeout) {
    this.observer = observer;
    this.context = context;
    this.timeout = timeout;
    this.remainingNanos = timeout.toNanos();
    observer.setOnReadyHandler(this::wake);
    context.onCancelled(this::wake);
  }

  @Override
  public void accept(NewToken token) {
    if (!observer.isReady()) {
      awaitReader();
    }
    observer.onNext(ResponseEncoder.token(token));
  }

  private synchronized void awaitReader() {
    long end = System.nanoTime() + remainingNanos;
    while (!observer.isReady()) {
      context.check();
      long leftMillis = (end - System.nanoTime()) / 1_000_000;
      if (leftMillis <= 0) {
        throw new WorkerException(
            FailureKind.CAPACITY_EXCEEDED,
            "the caller did not read tokens for "
                + timeout.toMillis()
                + " ms; read tokens as they arrive");
      }
      try {
        wait(leftMillis);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new WorkerException(FailureKind.SHUTTING_DOWN, "the worker is shutting down", e);
      }
    }
    remainingNanos = end - System.nanoTime();
  }

  private synchronized void wake() {
    notifyAll();
  }
}
