package ai.cacheblend.worker.device;

/** Identity and statistics of one GPU. */
public interface Gpu {

  /**
   * Constant for the life of the process.
   *
   * @param name product name, for example "NVIDIA H200"
   * @param uuid as nvidia-smi prints it, "GPU-…" or "MIG-…"
   * @param pciBusId for example "0000:1b:00.0"
   * @param driverVersion for example "580.159.03"; empty without NVML
   * @param cudaDriverVersion newest CUDA version that the driver supports, for example "13.0"
   */
  record Identity(
      String name, String uuid, String pciBusId, String driverVersion, String cudaDriverVersion) {}

  Identity identity();

  /**
   * Samples the current statistics.
   *
   * @throws IllegalStateException if NVML cannot be loaded or reports an error
   */
  GpuStatistics sample();
}
