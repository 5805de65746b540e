package ai.cacheblend.worker.device;

/** A GPU that can be asked how it is doing. */
public interface Gpu {

  /**
   * What never changes.
   *
   * @param name of the product, such as "NVIDIA H200"
   * @param uuid as nvidia-smi writes it, "GPU-…" or "MIG-…"
   * @param pciBusId such as "0000:1b:00.0"
   * @param driverVersion such as "580.159.03"; empty where NVML is not there
   * @param cudaDriverVersion newest CUDA that the driver supports, such as "13.0"
   */
  record Identity(
      String name, String uuid, String pciBusId, String driverVersion, String cudaDriverVersion) {}

  Identity identity();

  /**
   * How it is doing now.
   *
   * @throws IllegalStateException where NVML does not answer
   */
  GpuFigures sample();
}
