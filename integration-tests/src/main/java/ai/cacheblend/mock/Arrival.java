package ai.cacheblend.mock;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;

/** Records when a request arrived, on the transport's thread, before it is decoded. */
final class Arrival extends ServerStreamTracer {
  private static final Context.Key<Arrival> KEY = Context.key("arrival");

  private final MockClock clock;
  private volatile long nanos;

  private Arrival(MockClock clock) {
    this.clock = clock;
  }

  /** Creates one per stream of a server. */
  static final class Factory extends ServerStreamTracer.Factory {
    private final MockClock clock;

    Factory(MockClock clock) {
      this.clock = clock;
    }

    @Override
    public ServerStreamTracer newServerStreamTracer(String fullMethodName, Metadata headers) {
      return new Arrival(clock);
    }
  }

  /** Arrival of the request that the current thread handles. */
  static long nanosOfCurrentCall() {
    return KEY.get().nanos;
  }

  @Override
  public Context filterContext(Context context) {
    return context.withValue(KEY, this);
  }

  @Override
  public void inboundMessage(int sequenceNumber) {
    nanos = clock.nanos();
  }
}
