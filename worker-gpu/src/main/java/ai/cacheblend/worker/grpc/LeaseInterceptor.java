package ai.cacheblend.worker.grpc;

import ai.cacheblend.proto.v1.WorkerGrpc;
import ai.cacheblend.worker.engine.WorkerException;
import com.google.common.base.Ticker;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.Optional;
import java.util.Set;

/**
 * Refuses calls that a lease excludes, before their messages are decoded, and counts the others.
 */
final class LeaseInterceptor implements ServerInterceptor {
  static final Metadata.Key<String> LEASE_ID =
      Metadata.Key.of("cacheblend-lease-id", Metadata.ASCII_STRING_MARSHALLER);

  private static final Context.Key<String> CURRENT = Context.key("lease-id");

  /** Calls that use the device or change the chunk store. */
  private static final Set<String> COMPUTING =
      Set.of(
          WorkerGrpc.getCollectMethod().getFullMethodName(),
          WorkerGrpc.getCheckMethod().getFullMethodName(),
          WorkerGrpc.getGenerateMethod().getFullMethodName(),
          WorkerGrpc.getResetMethod().getFullMethodName(),
          WorkerGrpc.getDemoteMethod().getFullMethodName());

  private static final String TOKENIZE = WorkerGrpc.getTokenizeMethod().getFullMethodName();

  private final Leases leases;
  private final Ticker ticker;

  LeaseInterceptor(Leases leases, Ticker ticker) {
    this.leases = leases;
    this.ticker = ticker;
  }

  /** The lease that the call on this thread carries. */
  static Optional<String> currentLease() {
    return Optional.ofNullable(CURRENT.get());
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    Optional<String> lease = Optional.ofNullable(headers.get(LEASE_ID));
    Context context = Context.current().withValue(CURRENT, lease.orElse(null));
    String method = call.getMethodDescriptor().getFullMethodName();
    boolean computes = COMPUTING.contains(method);
    if (!computes && !method.equals(TOKENIZE)) {
      return Contexts.interceptCall(context, call, headers, next);
    }
    try {
      leases.begin(lease, computes);
    } catch (WorkerException e) {
      Status status = StatusMapper.toStatus(e);
      new RequestLog(call.getMethodDescriptor().getBareMethodName(), ticker).write(status);
      call.close(status, new Metadata());
      return new ServerCall.Listener<>() {};
    }
    return new Counted<>(Contexts.interceptCall(context, call, headers, next));
  }

  /** gRPC calls exactly one of these methods, once. */
  private final class Counted<Q> extends SimpleForwardingServerCallListener<Q> {
    Counted(ServerCall.Listener<Q> listener) {
      super(listener);
    }

    @Override
    public void onComplete() {
      leases.end();
      super.onComplete();
    }

    @Override
    public void onCancel() {
      leases.end();
      super.onCancel();
    }
  }
}
