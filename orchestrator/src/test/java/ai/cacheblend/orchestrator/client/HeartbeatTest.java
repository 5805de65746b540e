package ai.cacheblend.orchestrator.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Context;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Ticks are the clock. */
final class HeartbeatTest {
  private static final int LIMIT = 4;

  private final List<Runnable> probes = new ArrayList<>();
  private final Heartbeat heartbeat = new Heartbeat(probes::add, LIMIT);

  @Test
  void shortCallsAndIdleTimeSendNoProbe() throws Exception {
    for (int call = 0; call < 10; call++) {
      heartbeat.during(() -> tick(Heartbeat.PROBE_TICKS - 1));
      tick(100);
    }

    assertThat(probes).isEmpty();
    assertThat(heartbeat.lost()).isEmpty();
  }

  @Test
  void missingResponseEndsTheCall() throws Exception {
    heartbeat.during(
        () -> {
          Context call = Context.current();
          tick(Heartbeat.PROBE_TICKS + LIMIT - 1);
          assertThat(call.isCancelled()).isFalse();
          tick(1);
          assertThat(call.isCancelled()).isTrue();
          return null;
        });

    assertThat(probes).hasSize(1);
    assertThat(heartbeat.lost()).hasValue("no response to a heartbeat for 4 s");
  }

  @Test
  void laterCallsOfALostWorkerFailImmediately() throws Exception {
    heartbeat.during(() -> tick(Heartbeat.PROBE_TICKS + LIMIT));

    boolean cancelled = heartbeat.during(() -> Context.current().isCancelled());

    assertThat(cancelled).isTrue();
  }

  @Test
  void responseKeepsTheCallAlive() throws Exception {
    heartbeat.during(
        () -> {
          for (int probe = 0; probe < 20; probe++) {
            tick(Heartbeat.PROBE_TICKS + LIMIT - 1);
            probes.get(probe).run();
          }
          assertThat(Context.current().isCancelled()).isFalse();
          return null;
        });

    assertThat(heartbeat.lost()).isEmpty();
  }

  @Test
  void probeOfAnEarlierCallIsIgnored() throws Exception {
    heartbeat.during(() -> tick(Heartbeat.PROBE_TICKS + LIMIT - 1));
    heartbeat.during(() -> tick(Heartbeat.PROBE_TICKS + LIMIT - 1));

    assertThat(probes).hasSize(2);
    assertThat(heartbeat.lost()).isEmpty();
  }

  /** The response to a probe of a call that has ended says nothing about the worker now. */
  @Test
  void lateResponseToAnEarlierProbeIsIgnored() throws Exception {
    heartbeat.during(() -> tick(Heartbeat.PROBE_TICKS));
    heartbeat.during(
        () -> {
          tick(Heartbeat.PROBE_TICKS + LIMIT - 1);
          probes.get(0).run();
          return tick(1);
        });

    assertThat(heartbeat.lost()).isPresent();
  }

  private Void tick(int count) {
    for (int i = 0; i < count; i++) {
      heartbeat.tick();
    }
    return null;
  }
}
