package ai.cacheblend.worker.grpc;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;

/**
 * Sends response headers when a call arrives. By default gRPC sends them with the first message,
 * where their processing on both sides would delay the first token.
 */
final class EarlyHeaders implements ServerInterceptor {
  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    call.sendHeaders(new Metadata());
    return next.startCall(new WithoutHeaders<>(call), headers);
  }

  private static final class WithoutHeaders<Q, A> extends SimpleForwardingServerCall<Q, A> {
    WithoutHeaders(ServerCall<Q, A> call) {
      super(call);
    }

    @Override
    public void sendHeaders(Metadata headers) {
      // Sent when the call arrived.
    }
  }
}
