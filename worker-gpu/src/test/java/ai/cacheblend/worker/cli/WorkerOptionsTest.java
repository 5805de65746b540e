package ai.cacheblend.worker.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class WorkerOptionsTest {
  private static final long GIB = 1L << 30;

  @Test
  void poolAndStoreFollowFromModelAndMemory() {
    WorkerOptions options = options(OptionalInt.empty(), OptionalLong.empty());

    assertThat(options.kvTokens(32768, 1 << 17, 64 * GIB)).isEqualTo(32768);
    assertThat(options.kvTokens(131072, 1 << 17, 16 * GIB)).isEqualTo(65536);
    assertThat(options.chunkBudget(64 * GIB)).isEqualTo(4 * GIB);
    assertThat(options.chunkBudget(8 * GIB)).isEqualTo(2 * GIB);
  }

  @Test
  void whatIsGivenCounts() {
    WorkerOptions options = options(OptionalInt.of(100), OptionalLong.of(7));

    assertThat(options.kvTokens(32768, 1, GIB)).isEqualTo(100);
    assertThat(options.chunkBudget(GIB)).isEqualTo(7);
  }

  @Test
  void impossibleOptionsAreNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options(OptionalInt.of(0), OptionalLong.empty()))
        .withMessageContaining("--kv-tokens is 0");
  }

  private static WorkerOptions options(OptionalInt kvTokens, OptionalLong chunkBytes) {
    return new WorkerOptions(
        "model", "127.0.0.1", 0, 1, kvTokens, chunkBytes, 1, List.of(), Duration.ofSeconds(1));
  }
}
