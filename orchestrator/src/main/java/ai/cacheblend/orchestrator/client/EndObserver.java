package ai.cacheblend.orchestrator.client;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.function.Consumer;

/** Reports the status with which a call ends, and ignores its result. */
record EndObserver<A>(Consumer<Status> onEnd) implements StreamObserver<A> {
  @Override
  public void onNext(A message) {}

  @Override
  public void onError(Throwable failure) {
    onEnd.accept(Status.fromThrowable(failure));
  }

  @Override
  public void onCompleted() {
    onEnd.accept(Status.OK);
  }
}
