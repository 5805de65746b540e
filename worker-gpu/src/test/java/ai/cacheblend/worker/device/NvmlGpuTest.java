package ai.cacheblend.worker.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.cacheblend.worker.kv.NativeLibrary;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIf;
import org.junit.jupiter.api.condition.EnabledIf;

/** Runs through the native library. Assertions depend on whether the machine has a GPU. */
final class NvmlGpuTest {
  static boolean hasGpu() {
    return Files.exists(Path.of("/dev/nvidia0"));
  }

  @Test
  @DisabledIf("hasGpu")
  void errorNamesTheMissingDriverLibrary() {
    assertThatThrownBy(() -> NvmlGpu.open(0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("libcuda.so.1", "driver");
    NativeLibrary.path();
    assertThatThrownBy(() -> NvmlCalls.sample("0"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("libnvidia-ml.so.1");
  }

  @Test
  @EnabledIf("hasGpu")
  void reportsIdentityAndStatistics() {
    NvmlGpu gpu = NvmlGpu.open(0);
    assertThat(gpu.identity().name()).isNotEmpty();
    assertThat(gpu.identity().uuid())
        .matches("(GPU|MIG)-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    assertThat(gpu.identity().pciBusId())
        .matches("[0-9a-fA-F]{4,8}:[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\\.\\d");
    assertThat(gpu.identity().cudaDriverVersion()).matches("\\d+\\.\\d");
    GpuStatistics statistics = gpu.sample();
    assertThat(statistics.totalMemoryByteCount().getAsLong())
        .isGreaterThan(statistics.usedMemoryByteCount().getAsLong());
    assertThat(NvmlGpu.open(0).identity()).isEqualTo(gpu.identity());
    assertThatThrownBy(() -> NvmlGpu.open(999))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("cuDeviceGet");
  }
}
