package ai.cacheblend.orchestrator.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.grpc.Context;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;

/**
 * Detects a worker that does not respond: a stopped process, or a network that delivers nothing.
 * While a call waits, a probe is sent after {@link #PROBE_TICKS}, so short calls are not disturbed.
 * If the probe gets no response, all calls of the worker end and no further call is sent.
 * Thread-safe.
 *
 * <p>Time is counted in ticks of one second. After a suspension of this process the next tick is
 * one tick, however long the suspension was.
 */
final class Heartbeat {
  /** Ticks that a call waits before a probe is sent, and ticks between probes. */
  static final int PROBE_TICKS = 3;

  /** Sends a request that every worker can answer while it computes. */
  interface Probe {
    /**
     * Returns at once.
     *
     * @param onResponse runs if the worker responds, with a result or with an error
     */
    void send(Runnable onResponse);
  }

  private final Probe probe;
  private final int limitTicks;

  @GuardedBy("this")
  private final Set<Context.CancellableContext> calls = new HashSet<>();

  @GuardedBy("this")
  private int waitedTicks;

  /** Identifies the outstanding probe; empty if there is none. */
  @GuardedBy("this")
  private Optional<Object> outstanding = Optional.empty();

  @GuardedBy("this")
  private boolean lost;

  /**
   * A heartbeat of a worker that responds until the first probe.
   *
   * @param limitTicks ticks that a probe may wait for its response
   */
  Heartbeat(Probe probe, int limitTicks) {
    this.probe = probe;
    this.limitTicks = limitTicks;
  }

  /** Makes a call that ends early if the worker is lost. */
  <T> T during(Callable<T> call) throws Exception {
    Context.CancellableContext context = begin();
    try {
      return context.call(call);
    } finally {
      end(context);
    }
  }

  /**
   * Begins a call that ends early if the worker is lost. The call runs in the returned context;
   * {@link #end} follows when it has ended.
   */
  synchronized Context.CancellableContext begin() {
    Context.CancellableContext context = Context.current().withCancellation();
    if (calls.isEmpty()) {
      waitedTicks = 0;
    }
    calls.add(context);
    if (lost) {
      context.cancel(null);
    }
    return context;
  }

  synchronized void end(Context.CancellableContext context) {
    calls.remove(context);
    if (calls.isEmpty()) {
      waitedTicks = 0;
      outstanding = Optional.empty();
    }
    // Releases the context; the call has ended.
    context.close();
  }

  /** Call once per second. */
  void tick() {
    Optional<Object> toSend = Optional.empty();
    synchronized (this) {
      if (calls.isEmpty() || lost) {
        return;
      }
      waitedTicks++;
      if (outstanding.isPresent()) {
        if (waitedTicks >= limitTicks) {
          lost = true;
          Set.copyOf(calls).forEach(call -> call.cancel(null));
        }
      } else if (waitedTicks >= PROBE_TICKS) {
        outstanding = Optional.of(new Object());
        toSend = outstanding;
        waitedTicks = 0;
      }
    }
    toSend.ifPresent(id -> probe.send(() -> responded(id)));
  }

  private synchronized void responded(Object id) {
    if (outstanding.filter(id::equals).isPresent()) {
      outstanding = Optional.empty();
      waitedTicks = 0;
    }
  }

  /** Why the worker is lost; empty while it responds. */
  synchronized Optional<String> lost() {
    return lost
        ? Optional.of("no response to a heartbeat for " + limitTicks + " s")
        : Optional.empty();
  }
}
