package ai.cacheblend.worker.grpc;

import ai.cacheblend.proto.v1.GenerateResponse;
import ai.cacheblend.worker.engine.FailureKind;
import ai.cacheblend.worker.engine.NewToken;
import ai.cacheblend.worker.engine.TokenSink;
import ai.cacheblend.worker.engine.WorkerException;
import com.google.common.base.Ticker;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;

/**
 * Sends each token at once, with flow control.
 *
 * <p>gRPC buffers about 32 KiB for a slow reader, more than a thousand tokens. Beyond that, the
 * request is in no step until the reader has caught up. The total wait of a call is limited; a call
 * that exceeds the limit fails. This bounds the memory that a slow reader takes, and other requests
 * do not wait for it.
 */
final class PacedStream implements TokenSink {
  private final ServerCallStreamObserver<GenerateResponse> observer;
  private final Duration timeout;
  private final Ticker ticker;

  // Used in ready(), on the scheduler thread.
  private long remainingNanos;
  private boolean waiting;
  private long waitStartNanos;

  PacedStream(
      ServerCallStreamObserver<GenerateResponse> observer, Duration timeout, Ticker ticker) {
    this.observer = observer;
    this.timeout = timeout;
    this.ticker = ticker;
    this.remainingNanos = timeout.toNanos();
  }

  @Override
  public void accept(NewToken token) {
    observer.onNext(ResponseEncoder.token(token));
  }

  @Override
  public boolean ready() {
    boolean ready = observer.isReady();
    if (ready && !waiting) {
      return true;
    }
    long now = ticker.read();
    if (waiting) {
      remainingNanos -= now - waitStartNanos;
    }
    waiting = !ready;
    waitStartNanos = now;
    if (waiting && remainingNanos <= 0) {
      throw new WorkerException(
          FailureKind.CAPACITY_EXCEEDED,
          "the caller did not read tokens for "
              + timeout.toMillis()
              + " ms; read tokens as they arrive");
    }
    return ready;
  }
}
