package ai.cacheblend.worker.engine;

/**
 * Tests whether the compute device still works. Some CUDA errors, such as an illegal memory access,
 * are sticky: every later call in the process fails.
 */
@FunctionalInterface
public interface DeviceCheck {
  /** For devices that do not fail, such as the CPU. */
  DeviceCheck NONE = () -> {};

  /**
   * Returns normally if the device works.
   *
   * @throws RuntimeException with the device's error
   */
  void check();
}
