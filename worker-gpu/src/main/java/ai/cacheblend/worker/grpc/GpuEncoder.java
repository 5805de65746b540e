package ai.cacheblend.worker.grpc;

import ai.cacheblend.proto.v1.DeviceDescription;
import ai.cacheblend.proto.v1.DeviceStatistics;
import ai.cacheblend.worker.device.Gpu;
import ai.cacheblend.worker.device.GpuStatistics;
import java.util.Collection;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Encodes identity and statistics of a GPU. */
final class GpuEncoder {
  private static final Logger LOGGER = LoggerFactory.getLogger(GpuEncoder.class);

  private GpuEncoder() {}

  /** Omits the statistics if sampling fails. */
  static void addTo(DeviceDescription.Builder message, Gpu gpu) {
    Gpu.Identity identity = gpu.identity();
    message
        .setUuid(identity.uuid())
        .setPciBusId(identity.pciBusId())
        .setDriverVersion(identity.driverVersion())
        .setCudaDriverVersion(identity.cudaDriverVersion());
    try {
      message.setStatistics(encode(gpu.sample()));
    } catch (IllegalStateException e) {
      LOGGER.debug("no statistics of {}: {}", identity.uuid(), e.getMessage());
    }
  }

  private static DeviceStatistics encode(GpuStatistics statistics) {
    DeviceStatistics.Builder message = DeviceStatistics.newBuilder();
    statistics.totalMemoryByteCount().ifPresent(message::setTotalMemoryByteCount);
    statistics.usedMemoryByteCount().ifPresent(message::setUsedMemoryByteCount);
    statistics.smClockMhz().ifPresent(message::setSmClockMhz);
    statistics.maxSmClockMhz().ifPresent(message::setMaxSmClockMhz);
    statistics.memoryClockMhz().ifPresent(message::setMemoryClockMhz);
    statistics.maxMemoryClockMhz().ifPresent(message::setMaxMemoryClockMhz);
    statistics.powerMilliwatts().ifPresent(message::setPowerMilliwatts);
    statistics.powerLimitMilliwatts().ifPresent(message::setPowerLimitMilliwatts);
    statistics.temperatureCelsius().ifPresent(message::setTemperatureCelsius);
    statistics.clocksEventReasons().stream()
        .flatMap(Collection::stream)
        .sorted()
        .map(reason -> reason.name().toLowerCase(Locale.ROOT))
        .forEach(message::addClocksEventReasons);
    statistics.migEnabled().ifPresent(message::setMigEnabled);
    return message.build();
  }
}
