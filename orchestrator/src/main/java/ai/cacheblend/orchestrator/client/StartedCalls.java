package ai.cacheblend.orchestrator.client;

import ai.cacheblend.transport.IoThreads;
import io.grpc.Context;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/** Starts the asynchronous calls of one worker. Thread-safe. */
final class StartedCalls {
  private final Heartbeat heartbeat;
  private final IoThreads ioThread;
  private final CallFailures failures;

  StartedCalls(Heartbeat heartbeat, IoThreads ioThread, CallFailures failures) {
    this.heartbeat = heartbeat;
    this.ioThread = ioThread;
    this.failures = failures;
  }

  /**
   * Starts a call on the I/O thread, which sends it without waking another thread.
   *
   * @param onFailure gets what {@code start} throws
   * @return {@code answered} with failures as {@link WorkerException}
   */
  <T> CompletableFuture<T> start(
      Runnable start, Consumer<Throwable> onFailure, CompletableFuture<T> answered) {
    Context.CancellableContext context = heartbeat.begin();
    ioThread.execute(() -> context.run(start), onFailure);
    CompletableFuture<T> result = new CompletableFuture<>();
    CompletableFuture<T> unused =
        answered.whenComplete(
            (value, failure) -> {
              WorkerException mapped = failure == null ? null : failures.of(cause(failure));
              heartbeat.end(context);
              if (mapped == null) {
                result.complete(value);
              } else {
                result.completeExceptionally(mapped);
              }
            });
    return result;
  }

  private static Throwable cause(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }
}
