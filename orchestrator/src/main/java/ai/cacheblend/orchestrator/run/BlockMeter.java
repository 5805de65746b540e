package ai.cacheblend.orchestrator.run;

import ai.cacheblend.host.HostMeter;
import ai.cacheblend.host.HostReading;
import ai.cacheblend.orchestrator.client.DeviceState;
import ai.cacheblend.orchestrator.client.WorkerDescription;
import ai.cacheblend.orchestrator.client.WorkerException;
import ai.cacheblend.orchestrator.records.BlockLoad;
import ai.cacheblend.orchestrator.records.MachineLoad;
import java.util.Optional;

/**
 * Measures the load of the machines during a block, and the worker's device after it. All calls of
 * the worker are outside of timed calls.
 */
final class BlockMeter {
  private final HostMeter meter;
  private final Worker worker;
  private final HostReading begin;

  /** Empty if the worker runs on this host, or if it did not answer. */
  private final Optional<HostReading> workerBegin;

  /**
   * What was measured.
   *
   * @param device after the block
   */
  record Measured(DeviceState device, BlockLoad load) {
    static final Measured NOTHING = new Measured(DeviceState.UNKNOWN, BlockLoad.UNKNOWN);
  }

  private BlockMeter(
      HostMeter meter, Worker worker, HostReading begin, Optional<HostReading> workerBegin) {
    this.meter = meter;
    this.worker = worker;
    this.begin = begin;
    this.workerBegin = workerBegin;
  }

  /** Call it before the first timed call of a block. */
  static BlockMeter start(HostMeter meter, Worker worker) {
    HostReading begin = meter.read();
    boolean elsewhere =
        worker.description().host().map(host -> !host.sameHost(begin)).orElse(false);
    return new BlockMeter(
        meter,
        worker,
        begin,
        elsewhere ? describe(worker).flatMap(WorkerDescription::host) : Optional.empty());
  }

  /** Call it after the last timed call, unless the worker was lost. */
  Measured stop() {
    MachineLoad here = MachineLoad.between(begin, meter.read());
    boolean hasDeviceState = !worker.description().device().state().statistics().isEmpty();
    Optional<WorkerDescription> end =
        hasDeviceState || workerBegin.isPresent() ? describe(worker) : Optional.empty();
    return new Measured(
        end.filter(e -> hasDeviceState).map(e -> e.device().state()).orElse(DeviceState.UNKNOWN),
        new BlockLoad(
            here,
            workerBegin.flatMap(
                from ->
                    end.flatMap(WorkerDescription::host)
                        .filter(from::sameHost)
                        .map(to -> MachineLoad.between(from, to)))));
  }

  private static Optional<WorkerDescription> describe(Worker worker) {
    try {
      return Optional.of(worker.client().describe());
    } catch (WorkerException e) {
      // The next block fails in the same way and records it.
      return Optional.empty();
    }
  }
}
