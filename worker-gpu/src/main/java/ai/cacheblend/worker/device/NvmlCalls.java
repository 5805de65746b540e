package ai.cacheblend.worker.device;

/**
 * JNI calls into {@code jni/nvml.cc}. A failed call or a missing driver library throws {@link
 * IllegalStateException}.
 */
final class NvmlCalls {
  private NvmlCalls() {}

  /**
   * Driver properties of a device by its CUDA ordinal in this process: name, UUID without prefix,
   * PCI bus id, CUDA version of the driver.
   */
  static native String[] describe(int cudaOrdinal);

  /** NVML properties of the device with this UUID: UUID with prefix, driver version. */
  static native String[] identify(String uuid);

  /** Statistics in the field order of {@link GpuStatistics}; −1 for each one not reported. */
  static native long[] sample(String uuid);
}
