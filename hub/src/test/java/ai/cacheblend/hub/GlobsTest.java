package ai.cacheblend.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class GlobsTest {

  /** In the C locale, the same happens to names outside ASCII. */
  @Test
  void aNameThatThisSystemCannotRepresentDoesNotMatch() {
    assertThat(Globs.matching("*.csv", List.of("b.csv", "\0.csv", "a.csv")))
        .containsExactly("a.csv", "b.csv");
  }

  @Test
  void numbersThatCountNoShardsAreNamesLikeOthers() {
    assertThat(Globs.hasAllShards(List.of("a-0-of-99999999999.csv"))).isTrue();
    assertThat(Globs.hasAllShards(List.of("a-0-of-2.csv"))).isFalse();
  }
}
