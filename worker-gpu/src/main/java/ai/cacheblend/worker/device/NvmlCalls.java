package ai.cacheblend.worker.device;

/**
 * Calls into {@code jni/nvml.cc}. What fails, and a driver library that is not there, is an {@link
 * IllegalStateException}.
 */
final class NvmlCalls {
  private NvmlCalls() {}

  /**
   * What the driver says of a device as this process counts them: name, UUID without prefix, PCI
   * bus id, CUDA version of the driver.
   */
  static native String[] describe(int cudaOrdinal);

  /** What NVML says of the device of that UUID: UUID with its prefix, driver version. */
  static native String[] identify(String uuid);

  /** Figures in the order of {@link GpuFigures}; −1 for each that is not told. */
  static native long[] sample(String uuid);
}
