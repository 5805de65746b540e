package ai.cacheblend.worker.grpc;

import ai.cacheblend.host.HostReading;
import ai.cacheblend.proto.v1.HostStatistics;

/** Encodes the load of the host; a value that the system does not report is absent. */
final class HostEncoder {
  private HostEncoder() {}

  static HostStatistics encode(HostReading host) {
    HostStatistics.Builder message =
        HostStatistics.newBuilder()
            .setBootId(host.bootId())
            .setMonotonicNanos(host.monotonicNanos())
            .setProcessorCount(host.processors());
    host.load1().ifPresent(message::setLoad1);
    host.cpuWaitMicros().ifPresent(message::setCpuWaitMicros);
    host.memoryWaitMicros().ifPresent(message::setMemoryWaitMicros);
    host.ioWaitMicros().ifPresent(message::setIoWaitMicros);
    host.cpuTicks().ifPresent(message::setCpuTicks);
    host.stealTicks().ifPresent(message::setStealTicks);
    host.cpuLimit().ifPresent(message::setCpuLimit);
    host.throttledMicros().ifPresent(message::setThrottledMicros);
    host.availableMemoryBytes().ifPresent(message::setAvailableMemoryByteCount);
    host.cpuMhz().ifPresent(message::setCpuMhz);
    return message.build();
  }
}
