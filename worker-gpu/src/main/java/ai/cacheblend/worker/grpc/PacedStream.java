package ai.cacheblend.worker.grpc;

import ai.cacheblend.proto.v1.GenerateResponse;
import ai.cacheblend.worker.engine.FailureKind;
import ai.cacheblend.worker.engine.NewToken;
import ai.cacheblend.worker.engine.TokenSink;
import ai.cacheblend.worker.engine.WorkerException;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;

/**
 * Sends each token as it comes, no faster than its reader reads.
 *
 * <p>gRPC itself buffers some 32 KiB for a reader that lags, which is more than a thousand tokens.
 * Past that the scheduler thread waits here, for everybody, so it waits for a short time only, over
 * the whole call: then the slow call is ended. So no reader makes the worker buffer without bound,
 * and none holds it up for longer than that.
 */
final class PacedStream implements TokenSink {
  private final ServerCallStreamObserver<GenerateResponse> observer;
  private final CallContext context;
  private final Duration patience;

  /** Used on the scheduler thread. */
  private long patienceLeftNanos;

  /** Call on the thread that serves the call, before it returns. */
  PacedStream(
      ServerCallStreamObserver<GenerateResponse> observer, CallContext context, Duration patience) {
    this.observer = observer;
    this.context = context;
    this.patience = patience;
    this.patienceLeftNanos = patience.toNanos();
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
    long end = System.nanoTime() + patienceLeftNanos;
    while (!observer.isReady()) {
      context.check();
      long leftMillis = (end - System.nanoTime()) / 1_000_000;
      if (leftMillis <= 0) {
        throw new WorkerException(
            FailureKind.CAPACITY_EXCEEDED,
            "the caller kept the worker waiting for "
                + patience.toSeconds()
                + " s; read tokens as they come");
      }
      try {
        wait(leftMillis);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new WorkerException(FailureKind.SHUTTING_DOWN, "the worker is shutting down", e);
      }
    }
    patienceLeftNanos = end - System.nanoTime();
  }

  private synchronized void wake() {
    notifyAll();
  }
}
