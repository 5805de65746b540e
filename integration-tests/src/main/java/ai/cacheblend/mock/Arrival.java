package ai.cacheblend.mock;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;

/** Notes when a request came, on the transport's thread, before it is decoded or handed on. */
final class Arrival extends ServerStreamTracer {
  private static final Context.Key<Arrival> KEY = Context.key("arrival");

  private volatile long nanos;

  /** For the streams of a server. */
  static final class Factory extends ServerStreamTracer.Factory {
    @Override
    public ServerStreamTracer newServerStreamTracer(String fullMethodName, Metadata headers) {
      return new Arrival();
    }
  }

  /** When the request of the call that this thread handles came. */
  static long ofThisCall() {
    return KEY.get().nanos;
  }

  @Override
  public Context filterContext(Context context) {
    return context.withValue(KEY, this);
  }

  @Override
  public void inboundMessage(int sequenceNumber) {
    nanos = System.nanoTime();
  }
}
