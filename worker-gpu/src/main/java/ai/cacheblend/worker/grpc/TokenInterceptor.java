package ai.cacheblend.worker.grpc;

import ai.cacheblend.worker.access.BearerTokens;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.health.v1.HealthGrpc;

/**
 * Refuses calls without a valid bearer token when their headers arrive, before their messages are
 * decoded. Health checks need no token: probes of load balancers send none, and the answer is the
 * serving state alone.
 */
final class TokenInterceptor implements ServerInterceptor {
  static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  /** RFC 9110: the name of a scheme is not case-sensitive. */
  private static final String SCHEME = "Bearer ";

  private final BearerTokens tokens;
  private final RefusalLog refusals;

  TokenInterceptor(BearerTokens tokens, RefusalLog refusals) {
    this.tokens = tokens;
    this.refusals = refusals;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    if (HealthGrpc.SERVICE_NAME.equals(call.getMethodDescriptor().getServiceName())) {
      return next.startCall(call, headers);
    }
    String authorization = headers.get(AUTHORIZATION);
    if (isBearer(authorization)
        && tokens.accept(authorization.substring(SCHEME.length()).strip())) {
      return next.startCall(call, headers);
    }
    Status status =
        Status.UNAUTHENTICATED.withDescription(
            isBearer(authorization)
                ? "the bearer token is not valid; send a token of the worker's --token-file"
                : "the call has no bearer token; send the metadata entry \"authorization: Bearer TOKEN\""
                    + " with a token of the worker's --token-file");
    refusals.write(call.getMethodDescriptor().getFullMethodName(), status);
    call.close(status, new Metadata());
    return new ServerCall.Listener<>() {};
  }

  private static boolean isBearer(String authorization) {
    return authorization != null
        && authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length());
  }
}
