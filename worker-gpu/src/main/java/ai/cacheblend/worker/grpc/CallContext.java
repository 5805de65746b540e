package ai.cacheblend.worker.grpc;

import ai.cacheblend.worker.engine.FailureKind;
import ai.cacheblend.worker.engine.Interruption;
import io.grpc.Context;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

/** Cancellation and deadline of a call. */
final class CallContext implements Interruption {
  private final Context context;

  private CallContext(Context context) {
    this.context = context;
  }

  /** The context of the call that runs on this thread. */
  static CallContext current() {
    return new CallContext(Context.current());
  }

  @Override
  public Optional<FailureKind> reason() {
    if (!context.isCancelled()) {
      return Optional.empty();
    }
    return Optional.of(
        context.cancellationCause() instanceof TimeoutException
            ? FailureKind.DEADLINE_EXCEEDED
            : FailureKind.CANCELLED);
  }

  /** Runs the action on cancellation, or at once if the call is cancelled already. */
  void onCancelled(Runnable action) {
    context.addListener(cancelled -> action.run(), Runnable::run);
  }
}
