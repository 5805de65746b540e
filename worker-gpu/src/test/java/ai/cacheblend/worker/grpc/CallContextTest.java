package ai.cacheblend.worker.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.worker.engine.FailureKind;
import io.grpc.Context;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class CallContextTest {
  private final Context.CancellableContext context = Context.current().withCancellation();

  @Test
  void runningCallHasNoEndReason() throws Exception {
    assertThat(context.call(CallContext::current).reason()).isEmpty();
  }

  @Test
  void deadlinesAndCancellationsAreDistinguished() throws Exception {
    CallContext call = context.call(CallContext::current);
    context.cancel(new TimeoutException());
    assertThat(call.reason()).contains(FailureKind.DEADLINE_EXCEEDED);

    Context.CancellableContext other = Context.current().withCancellation();
    CallContext cancelled = other.call(CallContext::current);
    other.cancel(null);
    assertThat(cancelled.reason()).contains(FailureKind.CANCELLED);
  }

  @Test
  void listenersAreCalledAfterAnEarlierCancellation() throws Exception {
    CallContext call = context.call(CallContext::current);
    context.cancel(null);
    CountDownLatch heard = new CountDownLatch(1);

    call.onCancelled(heard::countDown);

    assertThat(heard.getCount()).isZero();
  }
}
