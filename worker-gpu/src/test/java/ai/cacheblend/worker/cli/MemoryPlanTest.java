package ai.cacheblend.worker.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class MemoryPlanTest {
  private static final long GIB = 1L << 30;
  private static final long TOKEN_BYTES = 1 << 17;
  private static final MemoryPlan.Wish NOTHING =
      new MemoryPlan.Wish(OptionalLong.empty(), OptionalLong.empty());

  private static MemoryPlan.Need need(int positions) {
    return new MemoryPlan.Need(positions, TOKEN_BYTES, 14 * GIB);
  }

  private static MemoryPlan.Wish wish(long kvBytes, long chunkBytes) {
    return new MemoryPlan.Wish(OptionalLong.of(kvBytes), OptionalLong.of(chunkBytes));
  }

  @Test
  void onTheHostPoolAndStoreFollowFromModelAndMemory() {
    assertThat(MemoryPlan.ofHost(NOTHING, need(32768), 64 * GIB))
        .isEqualTo(new MemoryPlan(32768, 4 * GIB, 0));
    assertThat(MemoryPlan.ofHost(NOTHING, need(131072), 8 * GIB))
        .isEqualTo(new MemoryPlan(32768, 2 * GIB, 0));
  }

  @Test
  void onTheDeviceAllThatIsFreeIsSharedOut() {
    assertThat(MemoryPlan.ofCuda(NOTHING, need(32768), 139 * GIB))
        .isEqualTo(new MemoryPlan(32768, 60 * GIB, 60 * GIB));
    assertThat(MemoryPlan.ofCuda(NOTHING, need(32768), 23 * GIB))
        .isEqualTo(new MemoryPlan(2 * GIB / TOKEN_BYTES, 3 * GIB, 3 * GIB));
  }

  @Test
  void whatIsGivenCounts() {
    assertThat(MemoryPlan.ofHost(wish(100 * TOKEN_BYTES, 7), need(32768), GIB))
        .isEqualTo(new MemoryPlan(100, 7, 0));
    assertThat(MemoryPlan.ofCuda(wish(GIB, 0), need(32768), 20 * GIB))
        .isEqualTo(new MemoryPlan(GIB / TOKEN_BYTES, 0, 4 * GIB));
  }

  @Test
  void whatDoesNotFitIsNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MemoryPlan.ofCuda(NOTHING, need(32768), 14 * GIB))
        .withMessageContaining("the weights take " + 14 * GIB);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MemoryPlan.ofCuda(wish(3 * GIB, 3 * GIB), need(32768), 20 * GIB))
        .withMessageContaining("--kv-memory " + 3 * GIB + " and --chunk-memory " + 3 * GIB);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MemoryPlan.ofHost(wish(TOKEN_BYTES - 1, 0), need(32768), GIB))
        .withMessageContaining("one token takes " + TOKEN_BYTES);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> wish(0, 0))
        .withMessageContaining("--kv-memory is 0");
  }
}
