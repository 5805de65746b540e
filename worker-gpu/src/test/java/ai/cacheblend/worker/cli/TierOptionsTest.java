package ai.cacheblend.worker.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.cacheblend.worker.chunks.WritePolicy;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TierOptionsTest {
  private static final Path DIR = Path.of("chunks");

  @Test
  void noTiersByDefault() {
    assertThat(TierOptions.of(null, null, null, "through")).isEqualTo(TierOptions.NONE);
  }

  @Test
  void diskHasHostMemoryByDefault() {
    assertThat(TierOptions.of(null, DIR, new ByteCount(5), "back"))
        .isEqualTo(
            new TierOptions(1 << 30, Optional.of(new TierOptions.Disk(DIR, 5)), WritePolicy.BACK));
  }

  @Test
  void invalidOptionsAreNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TierOptions.of(null, DIR, null, "through"))
        .withMessageContaining("add it, for example --disk-size 200g");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TierOptions.of(null, null, new ByteCount(5), "through"))
        .withMessageContaining("add --disk DIR");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TierOptions.of(new ByteCount(0), DIR, new ByteCount(5), "through"))
        .withMessageStartingWith("--host-memory is 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TierOptions.of(null, DIR, new ByteCount(0), "through"))
        .withMessageStartingWith("--disk-size is 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TierOptions.of(null, null, null, "never"))
        .withMessage("--tier-write is never; set it to through or back");
  }
}
