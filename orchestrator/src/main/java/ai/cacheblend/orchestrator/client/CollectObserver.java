package ai.cacheblend.orchestrator.client;

import ai.cacheblend.proto.v1.CollectRequest;
import ai.cacheblend.proto.v1.CollectResponse;
import com.google.common.base.Ticker;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.concurrent.CompletableFuture;

/** Receives the response of a {@code Collect}. gRPC calls it from one thread at a time. */
final class CollectObserver implements ClientResponseObserver<CollectRequest, CollectResponse> {
  private final Ticker ticker;
  private final PendingCall.Moment sent = new PendingCall.Moment();
  private final CompletableFuture<CollectResponse> result = new CompletableFuture<>();

  CollectObserver(Ticker ticker) {
    this.ticker = ticker;
  }

  PendingCall.Moment sent() {
    return sent;
  }

  CompletableFuture<CollectResponse> result() {
    return result;
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<CollectRequest> call) {
    sent.at(ticker.read());
  }

  @Override
  public void onNext(CollectResponse response) {
    result.complete(response);
  }

  @Override
  public void onError(Throwable failure) {
    result.completeExceptionally(failure);
  }

  @Override
  public void onCompleted() {
    result.completeExceptionally(
        io.grpc.Status.INTERNAL
            .withDescription("the call ended without a response")
            .asRuntimeException());
  }
}
