package ai.cacheblend.worker.device;

import ai.cacheblend.worker.kv.NativeLibrary;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A CUDA device, identified by UUID. Ordinals differ between the two libraries: NVML numbers all
 * GPUs of the machine, CUDA the ones in CUDA_VISIBLE_DEVICES, possibly in another order.
 */
public final class NvmlGpu implements Gpu {
  private static final Logger LOGGER = LoggerFactory.getLogger(NvmlGpu.class);

  private final Identity identity;
  private final String uuid;

  private NvmlGpu(Identity identity, String uuid) {
    this.identity = identity;
    this.uuid = uuid;
  }

  /**
   * Opens the device with this CUDA ordinal. Without NVML it has an identity but no statistics.
   *
   * @throws IllegalStateException if the driver has no such device
   */
  public static NvmlGpu open(int cudaOrdinal) {
    NativeLibrary.path();
    String[] driver = NvmlCalls.describe(cudaOrdinal);
    String[] nvml = {"GPU-" + driver[1], ""};
    try {
      nvml = NvmlCalls.identify(driver[1]);
    } catch (IllegalStateException e) {
      LOGGER.warn("GPU statistics are unavailable: {}", e.getMessage());
    }
    return new NvmlGpu(new Identity(driver[0], nvml[0], driver[2], nvml[1], driver[3]), driver[1]);
  }

  @Override
  public Identity identity() {
    return identity;
  }

  @Override
  public GpuStatistics sample() {
    return GpuStatistics.of(NvmlCalls.sample(uuid));
  }
}
