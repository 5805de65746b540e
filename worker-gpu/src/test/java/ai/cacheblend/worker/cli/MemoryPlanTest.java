package ai.cacheblend.worker.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class MemoryPlanTest {
  private static final long GIB = 1L << 30;
  private static final long TOKEN_BYTES = 1 << 17;
  private static final MemoryPlan.Requested NOTHING =
      new MemoryPlan.Requested(OptionalLong.empty(), OptionalLong.empty());

  private static MemoryPlan.Required required(int positions) {
    return required(positions, 1);
  }

  private static MemoryPlan.Required required(int positions, int sequences) {
    return new MemoryPlan.Required(positions, sequences, TOKEN_BYTES, 14 * GIB);
  }

  private static MemoryPlan.Requested requested(long kvBytes, long chunkBytes) {
    return new MemoryPlan.Requested(OptionalLong.of(kvBytes), OptionalLong.of(chunkBytes));
  }

  @Test
  void hostDefaultsFollowFromModelAndMemory() {
    assertThat(MemoryPlan.ofHost(NOTHING, required(32768), 64 * GIB))
        .isEqualTo(new MemoryPlan(32768, 4 * GIB, 0));
    assertThat(MemoryPlan.ofHost(NOTHING, required(131072), 8 * GIB))
        .isEqualTo(new MemoryPlan(32768, 2 * GIB, 0));
  }

  @Test
  void cudaMemoryIsDividedCompletely() {
    assertThat(MemoryPlan.ofCuda(NOTHING, required(32768), 139 * GIB))
        .isEqualTo(new MemoryPlan(32768, 60 * GIB, 60 * GIB));
    assertThat(MemoryPlan.ofCuda(NOTHING, required(32768), 23 * GIB))
        .isEqualTo(new MemoryPlan(2 * GIB / TOKEN_BYTES, 3 * GIB, 3 * GIB));
  }

  @Test
  void defaultsFollowFromTheNumberOfSequences() {
    assertThat(MemoryPlan.ofHost(NOTHING, required(2048, 32), 64 * GIB))
        .isEqualTo(new MemoryPlan(32 * 512, 4 * GIB, 0));
    assertThat(MemoryPlan.ofCuda(NOTHING, required(32768, 32), 139 * GIB).kvTokenCount())
        .isEqualTo(32 * 4096);
    assertThat(MemoryPlan.ofCuda(NOTHING, required(32768, 32), 23 * GIB).kvTokenCount())
        .isEqualTo(2 * GIB / TOKEN_BYTES);
  }

  @Test
  void requestedSizesHavePrecedence() {
    assertThat(MemoryPlan.ofHost(requested(100 * TOKEN_BYTES, 7), required(32768), GIB))
        .isEqualTo(new MemoryPlan(100, 7, 0));
    assertThat(MemoryPlan.ofCuda(requested(GIB, 0), required(32768), 20 * GIB))
        .isEqualTo(new MemoryPlan(GIB / TOKEN_BYTES, 0, 4 * GIB));
  }

  @Test
  void rejectsSizesThatDoNotFit() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MemoryPlan.ofCuda(NOTHING, required(32768), 14 * GIB))
        .withMessageContaining("the weights take " + 14 * GIB);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MemoryPlan.ofCuda(requested(3 * GIB, 3 * GIB), required(32768), 20 * GIB))
        .withMessageContaining("--kv-memory is " + 3 * GIB + " and --chunk-memory is " + 3 * GIB);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MemoryPlan.ofHost(requested(TOKEN_BYTES - 1, 0), required(32768), GIB))
        .withMessageContaining("one token takes " + TOKEN_BYTES);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> requested(0, 0))
        .withMessageContaining("--kv-memory is 0");
  }
}
