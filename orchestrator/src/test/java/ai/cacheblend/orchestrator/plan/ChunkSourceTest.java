package ai.cacheblend.orchestrator.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChunkSourceTest {
  @ParameterizedTest
  @CsvSource({
    "3GB/s,3000000000",
    "500MB/s,500000000",
    "1.5GB/s,1500000000",
    "7KB/s,7000",
    "9B/s,9"
  })
  void ratesUsePowersOfThousand(String text, long rate) {
    assertThat(ChunkSource.rate(text)).isEqualTo(rate);
  }

  @ParameterizedTest
  @ValueSource(strings = {"3", "3GB", "3 GB/s", "-1GB/s", "GB/s", "0GB/s", "3gb/s"})
  void otherTextsAreRejected(String text) {
    assertThatExceptionOfType(PlanException.class)
        .isThrownBy(() -> ChunkSource.rate(text))
        .withMessageStartingWith("throttle is " + text + "; use ");
  }

  @Test
  void unknownTierIsRejected() {
    assertThatExceptionOfType(PlanException.class)
        .isThrownBy(() -> Tier.ofId("tape"))
        .withMessage("tier is tape; use host or disk or store");
  }
}
