package ai.cacheblend.orchestrator.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Optional;
import java.util.OptionalLong;
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

  @ParameterizedTest
  @CsvSource({
    "3GB/s,host@3GB/s",
    "1500MB/s,host@1.5GB/s",
    "0.5GB/s,host@500MB/s",
    "1234567891B/s,host@1234.567891MB/s",
    "9B/s,host@9B/s"
  })
  void namesHaveTheShortestRate(String rate, String name) {
    long bytesPerSecond = rate.equals("1234567891B/s") ? 1_234_567_891L : ChunkSource.rate(rate);
    ChunkSource source = new ChunkSource(Tier.HOST, OptionalLong.of(bytesPerSecond));

    assertThat(source.id()).isEqualTo(name);
    assertThat(ChunkSource.ofId(name)).isEqualTo(source);
  }

  @Test
  void nameWithoutALimitIsThatOfTheTier() {
    ChunkSource disk = new ChunkSource(Tier.DISK, OptionalLong.empty());

    assertThat(ChunkSource.id(Optional.of(disk))).isEqualTo("disk");
    assertThat(ChunkSource.ofId("disk")).isEqualTo(disk);
    assertThat(ChunkSource.id(Optional.empty())).isEqualTo("device");
  }

  @Test
  void unknownTierIsRejected() {
    assertThatExceptionOfType(PlanException.class)
        .isThrownBy(() -> Tier.ofId("tape"))
        .withMessage("tier is tape; use host or disk or store");
  }
}
