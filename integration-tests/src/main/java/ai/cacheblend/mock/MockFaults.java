package ai.cacheblend.mock;

import ai.cacheblend.proto.v1.RowCounts;
import com.google.common.primitives.ImmutableIntArray;
import io.grpc.Status;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.Stream;

/** Counts calls and selects the faults of each. */
final class MockFaults {
  private final List<Fault> faults;
  private final Runnable death;
  private volatile boolean hung;
  private final Set<ImmutableIntArray> knownPrompts = ConcurrentHashMap.newKeySet();
  private final AtomicIntegerArray callCounts =
      new AtomicIntegerArray(Fault.Method.values().length);

  MockFaults(List<Fault> faults, Runnable death) {
    this.faults = faults;
    this.death = death;
  }

  /** Counts a call and returns its number; throws the status of a refused call. */
  int begin(Fault.Method method) {
    int call = callCounts.incrementAndGet(Arrays.asList(Fault.Method.values()).indexOf(method));
    if (of(Fault.Hang.class).anyMatch(f -> f.method() == method && f.calls().test(call))) {
      hung = true;
    }
    if (hung) {
      neverReturn();
    }
    of(Fault.Refuse.class)
        .filter(fault -> fault.method() == method && fault.calls().test(call))
        .findFirst()
        .ifPresent(
            fault -> {
              throw fault.status().asRuntimeException();
            });
    return call;
  }

  /** Until the executor of the worker is shut down. */
  private static void neverReturn() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      throw Status.UNAVAILABLE.withDescription("the worker is closed").asRuntimeException();
    }
  }

  boolean ignoresReset(int call) {
    return of(Fault.IgnoredReset.class).anyMatch(fault -> fault.calls().test(call));
  }

  boolean emptyFirstMessage(int call) {
    return of(Fault.EmptyFirstMessage.class).anyMatch(fault -> fault.calls().test(call));
  }

  int tokenCountDelta(int call) {
    return of(Fault.TokenCount.class)
        .filter(fault -> fault.calls().test(call))
        .mapToInt(Fault.TokenCount::delta)
        .sum();
  }

  /** Time to first token of a prompt, relative to the scripted one. */
  double prefillTimeShare(ImmutableIntArray prompt) {
    boolean known = !knownPrompts.add(prompt);
    return of(Fault.UndisclosedPrefixCaching.class)
        .filter(fault -> known)
        .mapToDouble(Fault.UndisclosedPrefixCaching::timeShare)
        .findFirst()
        .orElse(1);
  }

  long clockJumpNanos(int call) {
    return of(Fault.ClockJump.class)
        .filter(fault -> fault.calls().test(call))
        .mapToLong(fault -> fault.by().toNanos())
        .sum();
  }

  RowCounts reported(int call, RowCounts counts) {
    RowCounts reported = counts;
    for (Fault.ReportedRows fault : of(Fault.ReportedRows.class).toList()) {
      reported = fault.calls().test(call) ? fault.change().apply(reported) : reported;
    }
    return reported;
  }

  void dieIfDue(int call, int sentTokens) {
    boolean due =
        of(Fault.DieMidStream.class)
            .anyMatch(f -> f.calls().test(call) && f.afterTokens() == sentTokens);
    if (due) {
      death.run();
      throw Status.UNAVAILABLE.withDescription("the worker died").asRuntimeException();
    }
  }

  private <F extends Fault> Stream<F> of(Class<F> type) {
    return faults.stream().filter(type::isInstance).map(type::cast);
  }
}
