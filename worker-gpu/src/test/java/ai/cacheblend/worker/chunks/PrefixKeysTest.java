package ai.cacheblend.worker.chunks;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.worker.kv.BlockKeys;
import com.google.common.primitives.ImmutableIntArray;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class PrefixKeysTest {
  private static final int BLOCK = 4;

  private final PrefixKeys keys = new PrefixKeys("model", "fp32", BLOCK);

  @Test
  void onlyFullBlocksHaveKeys() {
    assertThat(keys.of(ImmutableIntArray.of()).count()).isZero();
    assertThat(keys.of(ids(0, 3)).count()).isZero();
    assertThat(keys.of(ids(0, 4)).count()).isEqualTo(1);
    assertThat(keys.of(ids(0, 7)).count()).isEqualTo(1);
    assertThat(keys.of(ids(0, 8)).count()).isEqualTo(2);
    assertThat(keys.fullBlockCount(7)).isEqualTo(1);
  }

  @Test
  void equalBeginningsHaveEqualKeys() {
    List<List<Byte>> some = list(keys.of(ids(0, 12)));
    assertThat(list(keys.of(ids(0, 9)))).isEqualTo(some.subList(0, 2));
    assertThat(list(keys.of(ids(0, 12)).first(2))).isEqualTo(some.subList(0, 2));
  }

  /** The second block has the same tokens, but its KV depends on the first one. */
  @Test
  void aKeyDependsOnAllTokensBefore() {
    List<List<Byte>> one = list(keys.of(ImmutableIntArray.of(1, 2, 3, 4, 5, 6, 7, 8)));
    List<List<Byte>> other = list(keys.of(ImmutableIntArray.of(9, 2, 3, 4, 5, 6, 7, 8)));
    assertThat(other.get(0)).isNotEqualTo(one.get(0));
    assertThat(other.get(1)).isNotEqualTo(one.get(1));
    List<List<Byte>> alone = list(keys.of(ImmutableIntArray.of(5, 6, 7, 8)));
    assertThat(one).doesNotContainAnyElementsOf(alone);
  }

  @Test
  void aKeyDependsOnTheOrderOfTokens() {
    assertThat(list(keys.of(ImmutableIntArray.of(1, 2, 3, 4))))
        .isNotEqualTo(list(keys.of(ImmutableIntArray.of(1, 2, 4, 3))));
  }

  @Test
  void aKeyDependsOnModelAndDtype() {
    List<List<Byte>> mine = list(keys.of(ids(0, 4)));
    for (PrefixKeys other :
        List.of(
            new PrefixKeys("other", "fp32", BLOCK),
            new PrefixKeys("model", "bf16", BLOCK),
            new PrefixKeys("modelf", "p32", BLOCK))) {
      assertThat(list(other.of(ids(0, 4)))).isNotEqualTo(mine);
    }
  }

  private static ImmutableIntArray ids(int from, int to) {
    return ImmutableIntArray.copyOf(IntStream.range(from, to));
  }

  private static List<List<Byte>> list(BlockKeys keys) {
    byte[] bytes = keys.toBytes();
    return IntStream.range(0, keys.count())
        .mapToObj(i -> Arrays.copyOfRange(bytes, 32 * i, 32 * (i + 1)))
        .map(key -> IntStream.range(0, 32).mapToObj(i -> key[i]).toList())
        .toList();
  }
}
