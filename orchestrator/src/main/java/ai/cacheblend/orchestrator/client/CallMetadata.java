package ai.cacheblend.orchestrator.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.util.Optional;

/** Sends the id of the lease and the bearer token with every call. Thread-safe. */
final class CallMetadata implements ClientInterceptor {
  private static final Metadata.Key<String> LEASE_ID =
      Metadata.Key.of("cacheblend-lease-id", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final Optional<TokenFile> token;
  private volatile String leaseId = "";

  CallMetadata(Optional<TokenFile> token) {
    this.token = token;
  }

  /** Empty: no lease. */
  String leaseId() {
    return leaseId;
  }

  void setLeaseId(String id) {
    leaseId = id;
  }

  /** Reloads the token if its file has changed. */
  void refresh() {
    token.ifPresent(TokenFile::refresh);
  }

  @Override
  public <Q, A> ClientCall<Q, A> interceptCall(
      MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
    return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
      @Override
      public void start(Listener<A> listener, Metadata headers) {
        if (!leaseId.isEmpty()) {
          headers.put(LEASE_ID, leaseId);
        }
        token.ifPresent(file -> headers.put(AUTHORIZATION, "Bearer " + file.token()));
        super.start(listener, headers);
      }
    };
  }
}
