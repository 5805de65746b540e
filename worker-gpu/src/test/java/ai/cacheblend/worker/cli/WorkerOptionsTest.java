package ai.cacheblend.worker.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.cacheblend.worker.engine.BatchLimits;
import ai.cacheblend.worker.model.VerifyMode;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkerOptionsTest {

  @Test
  void parsesDeviceNames() {
    assertThat(DeviceName.parse("cpu").cudaOrdinal()).isEmpty();
    assertThat(DeviceName.parse("cuda:1")).isEqualTo(new DeviceName(OptionalInt.of(1)));
    assertThat(DeviceName.parse("cuda:1")).hasToString("cuda:1");
    for (String unknown : List.of("cuda", "cuda:", "cuda:x", "gpu", "cpu:0", "")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> DeviceName.parse(unknown))
          .withMessage("--device is '" + unknown + "', expected cpu or cuda:N");
    }
  }

  @Test
  void namesInvalidOptions() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options(0, 1))
        .withMessageContaining("--threads is 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options(1, 0))
        .withMessageContaining("--queue is 0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"::1", "[::1]", "0:0:0:0:0:0:0:1"})
  void hostMayBeAnIpv6Address(String host) {
    assertThat(options(1, 1, host).address().getAddress().getHostAddress())
        .isEqualTo("0:0:0:0:0:0:0:1");
  }

  @Test
  void namesAHostThatDoesNotResolve() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options(1, 1, "no-such-host.invalid").address())
        .withMessageStartingWith("--host no-such-host.invalid does not resolve; use ");
  }

  private static WorkerOptions options(int threads, int queue) {
    return options(threads, queue, "127.0.0.1");
  }

  private static WorkerOptions options(int threads, int queue, String host) {
    return new WorkerOptions(
        "model",
        DeviceName.parse("cpu"),
        host,
        0,
        threads,
        new MemoryPlan.Requested(OptionalLong.empty(), OptionalLong.empty()),
        TierOptions.NONE,
        queue,
        new BatchLimits(2, 64),
        List.of(),
        VerifyMode.FULL,
        Duration.ofSeconds(1),
        SecurityOptions.NONE,
        List.of());
  }
}
