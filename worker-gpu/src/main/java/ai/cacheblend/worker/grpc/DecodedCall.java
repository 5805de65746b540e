package ai.cacheblend.worker.grpc;

import io.grpc.ForwardingServerCall;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;

/** A call with encoded requests, as the service sees it. */
final class DecodedCall<Q, A> extends ForwardingServerCall<Q, A> {
  private final ServerCall<Q, A> call;
  private final MethodDescriptor<Q, A> method;

  // Of the methods of a ServerCall, only getMethodDescriptor depends on the type of requests.
  @SuppressWarnings("unchecked")
  DecodedCall(ServerCall<byte[], A> call, MethodDescriptor<Q, A> method) {
    this.call = (ServerCall<Q, A>) call;
    this.method = method;
  }

  @Override
  protected ServerCall<Q, A> delegate() {
    return call;
  }

  @Override
  public MethodDescriptor<Q, A> getMethodDescriptor() {
    return method;
  }
}
