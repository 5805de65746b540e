package ai.cacheblend.hub;

import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;

/** Passes the content of an answer on, one buffer after the other. */
final class Body implements BodySubscriber<Void> {

  private interface Step {
    void run() throws IOException;
  }

  private final Reply reply;
  private final Receiver receiver;
  private final AtomicLong activity;
  private final CompletableFuture<Void> end = new CompletableFuture<>();
  private final Object lock = new Object();
  private Flow.Subscription subscription;
  private boolean closed; // guarded by lock

  /**
   * @param activity increased with every buffer
   */
  Body(Reply reply, Receiver receiver, AtomicLong activity) {
    this.reply = reply;
    this.receiver = receiver;
    this.activity = activity;
  }

  @Override
  public CompletionStage<Void> getBody() {
    return end;
  }

  @Override
  public void onSubscribe(Flow.Subscription newSubscription) {
    subscription = newSubscription;
    advance(() -> receiver.begin(reply));
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    activity.incrementAndGet();
    advance(
        () -> {
          for (ByteBuffer buffer : buffers) {
            receiver.receive(buffer);
          }
        });
  }

  private void advance(Step step) {
    synchronized (lock) {
      if (closed) {
        return;
      }
      try {
        step.run();
      } catch (IOException | RuntimeException e) {
        closed = true;
        subscription.cancel();
        end.completeExceptionally(e);
        return;
      }
    }
    subscription.request(1);
  }

  @Override
  public void onError(Throwable failure) {
    end.completeExceptionally(failure);
  }

  @Override
  public void onComplete() {
    end.complete(null);
  }

  /** After this, the receiver gets nothing more, even if a buffer is under way. */
  void close() {
    synchronized (lock) {
      closed = true;
    }
  }
}
