package ai.cacheblend.orchestrator.client;

import com.google.common.base.Ticker;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;

/** Records when the messages of one call arrive: on the I/O thread, before they are decoded. */
final class CallTracer extends ClientStreamTracer {
  private final Ticker ticker;

  @GuardedBy("this")
  private final List<Long> messageNanos = new ArrayList<>();

  @GuardedBy("this")
  private long headersNanos;

  @GuardedBy("this")
  private long closedNanos;

  CallTracer(Ticker ticker) {
    this.ticker = ticker;
  }

  @Override
  public synchronized void inboundHeaders(Metadata headers) {
    headersNanos = ticker.read();
  }

  @Override
  public synchronized void inboundMessage(int sequenceNumber) {
    messageNanos.add(ticker.read());
  }

  @Override
  public synchronized void streamClosed(Status status) {
    closedNanos = ticker.read();
  }

  synchronized long headersNanos() {
    return headersNanos;
  }

  synchronized long closedNanos() {
    return closedNanos;
  }

  /** Arrival of message {@code index} of the answer, from 0. */
  synchronized long messageNanos(int index) {
    return messageNanos.get(index);
  }

  /** A factory for the only stream of a call that is never retried. */
  ClientStreamTracer.Factory factory() {
    return new ClientStreamTracer.Factory() {
      @Override
      public ClientStreamTracer newClientStreamTracer(StreamInfo info, Metadata headers) {
        return CallTracer.this;
      }
    };
  }
}
