package ai.cacheblend.worker.grpc;

import ai.cacheblend.proto.v1.DeviceDescription;
import ai.cacheblend.proto.v1.DeviceFigures;
import ai.cacheblend.worker.device.Gpu;
import ai.cacheblend.worker.device.GpuFigures;
import java.util.Collection;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A GPU and how it is doing, as a message. */
final class GpuEncoder {
  private static final Logger LOGGER = LoggerFactory.getLogger(GpuEncoder.class);

  private GpuEncoder() {}

  /** A GPU that does not tell its figures is described without them. */
  static void addTo(DeviceDescription.Builder message, Gpu gpu) {
    Gpu.Identity identity = gpu.identity();
    message
        .setUuid(identity.uuid())
        .setPciBusId(identity.pciBusId())
        .setDriverVersion(identity.driverVersion())
        .setCudaDriverVersion(identity.cudaDriverVersion());
    try {
      message.setFigures(figures(gpu.sample()));
    } catch (IllegalStateException e) {
      LOGGER.debug("no figures of {}: {}", identity.uuid(), e.getMessage());
    }
  }

  private static DeviceFigures figures(GpuFigures figures) {
    DeviceFigures.Builder message = DeviceFigures.newBuilder();
    figures.totalMemoryByteCount().ifPresent(message::setTotalMemoryByteCount);
    figures.usedMemoryByteCount().ifPresent(message::setUsedMemoryByteCount);
    figures.smClockMhz().ifPresent(message::setSmClockMhz);
    figures.maxSmClockMhz().ifPresent(message::setMaxSmClockMhz);
    figures.memoryClockMhz().ifPresent(message::setMemoryClockMhz);
    figures.maxMemoryClockMhz().ifPresent(message::setMaxMemoryClockMhz);
    figures.powerMilliwatts().ifPresent(message::setPowerMilliwatts);
    figures.powerLimitMilliwatts().ifPresent(message::setPowerLimitMilliwatts);
    figures.temperatureCelsius().ifPresent(message::setTemperatureCelsius);
    figures.clocksEventReasons().stream()
        .flatMap(Collection::stream)
        .sorted()
        .map(reason -> reason.name().toLowerCase(Locale.ROOT))
        .forEach(message::addClocksEventReasons);
    figures.migEnabled().ifPresent(message::setMigEnabled);
    return message.build();
  }
}
