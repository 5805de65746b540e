package ai.cacheblend.worker.device;

import ai.cacheblend.worker.kv.NativeLibrary;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A CUDA device by its UUID. NVML counts the machine's GPUs, CUDA those that CUDA_VISIBLE_DEVICES
 * leaves to this process, in another order perhaps; the UUID is one and the same in both.
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
   * The device that CUDA counts as {@code cudaOrdinal} in this process. Without NVML it has a name
   * and no figures.
   *
   * @throws IllegalStateException where the driver has no such device
   */
  public static NvmlGpu open(int cudaOrdinal) {
    NativeLibrary.path();
    String[] driver = NvmlCalls.describe(cudaOrdinal);
    String[] nvml = {"GPU-" + driver[1], ""};
    try {
      nvml = NvmlCalls.identify(driver[1]);
    } catch (IllegalStateException e) {
      LOGGER.warn("no figures of the GPU: {}", e.getMessage());
    }
    return new NvmlGpu(new Identity(driver[0], nvml[0], driver[2], nvml[1], driver[3]), driver[1]);
  }

  @Override
  public Identity identity() {
    return identity;
  }

  @Override
  public GpuFigures sample() {
    return GpuFigures.of(NvmlCalls.sample(uuid));
  }
}
