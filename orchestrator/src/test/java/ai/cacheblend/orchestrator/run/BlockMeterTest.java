package ai.cacheblend.orchestrator.run;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.host.HostMeter;
import ai.cacheblend.host.HostReading;
import ai.cacheblend.orchestrator.testing.HostReadings;
import ai.cacheblend.orchestrator.testing.ManualClock;
import ai.cacheblend.orchestrator.testing.ScriptedWorkerClient;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import org.junit.jupiter.api.Test;

final class BlockMeterTest {
  private static final long SECOND = 1_000_000_000;

  private final ScriptedWorkerClient client = new ScriptedWorkerClient("host:1", new ManualClock());

  /** The clock of the worker's host is not that of this host. */
  @Test
  void loadOfAnotherHostUsesItsOwnClockAndCounters() {
    Worker worker =
        worker(
            HostReadings.waited("there", 10 * SECOND, 0),
            HostReadings.waited("there", 50 * SECOND, 1_000_000),
            HostReadings.waited("there", 52 * SECOND, 2_500_000));

    BlockMeter.Measured measured = BlockMeter.start(HostMeter.none(), worker).stop();

    assertThat(measured.load().worker().orElseThrow().cpuPressure()).hasValue(0.75);
    assertThat(measured.load().worker().orElseThrow().processors()).isEqualTo(2);
  }

  @Test
  void workerOnThisHostIsNotMeasuredTwice() {
    HostMeter here = HostMeter.system();
    HostReading reading = here.read();
    Worker worker = worker(reading, reading, reading);

    assertThat(BlockMeter.start(here, worker).stop().load().worker()).isEmpty();
  }

  /** A proxy in front of several workers, or a restart on another machine. */
  @Test
  void readingsOfTwoHostsGiveNoLoad() {
    Worker worker =
        worker(
            HostReadings.waited("there", 0, 0),
            HostReadings.waited("there", SECOND, 0),
            HostReadings.waited("elsewhere", 2 * SECOND, 900_000));

    assertThat(BlockMeter.start(HostMeter.none(), worker).stop().load().worker()).isEmpty();
  }

  @Test
  void workerWithoutReadingsHasNoLoad() {
    client.host(Optional::empty);

    assertThat(
            BlockMeter.start(HostMeter.none(), new Worker(client, client.describe()))
                .stop()
                .load()
                .worker())
        .isEmpty();
  }

  private Worker worker(HostReading... readings) {
    Queue<HostReading> queue = new ArrayDeque<>(List.of(readings));
    client.host(() -> Optional.ofNullable(queue.poll()));
    return new Worker(client, client.describe());
  }
}
