package ai.cacheblend.worker.chunks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.primitives.ImmutableIntArray;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ChunkKeysTest {
  private static final ImmutableIntArray IDS = ImmutableIntArray.of(1, 2, 3);

  @Test
  void allInputsOfKvChangeTheKey() {
    Set<ChunkKey> keys =
        List.of(
                new ChunkKeys("a", "fp32", OptionalInt.of(1)).of(IDS),
                new ChunkKeys("b", "fp32", OptionalInt.of(1)).of(IDS),
                new ChunkKeys("a", "fp16", OptionalInt.of(1)).of(IDS),
                new ChunkKeys("a", "fp32", OptionalInt.of(2)).of(IDS),
                new ChunkKeys("a", "fp32", OptionalInt.empty()).of(IDS),
                new ChunkKeys("af", "p32", OptionalInt.of(1)).of(IDS),
                new ChunkKeys("a", "fp32", OptionalInt.of(1)).of(ImmutableIntArray.of(1, 2)),
                new ChunkKeys("a", "fp32", OptionalInt.of(1)).of(ImmutableIntArray.of(1, 3, 2)),
                new ChunkKeys("a", "fp32", OptionalInt.of(1)).of(ImmutableIntArray.of(1, 2, 3, 0)))
            .stream()
            .collect(Collectors.toSet());

    assertThat(keys).hasSize(9);
  }

  @Test
  void sameIdsHaveTheSameKey() {
    assertThat(new ChunkKeys("a", "fp32", OptionalInt.of(1)).of(ImmutableIntArray.of(1, 2, 3)))
        .isEqualTo(new ChunkKeys("a", "fp32", OptionalInt.of(1)).of(IDS));
  }

  @Test
  void hashedBytesAreStable() {
    // Little-endian 1, 1, "a", 4, "fp32", 1, 3 and the ids. The digest was computed independently.
    assertThat(
            new ChunkKeys("a", "fp32", OptionalInt.of(1)).of(ImmutableIntArray.of(1, 300, 70000)))
        .isEqualTo(
            new ChunkKey("ccc6dfcc28a334c9865eefc917d8e36792ff733ee31e75b6d19909d04e2f9219"));
  }

  @Test
  void cachedKeyBelongsToItsIds() {
    ChunkKeys keys = new ChunkKeys("a", "fp32", OptionalInt.of(1));
    ChunkKey key = keys.of(IDS);

    assertThat(keys.of(ImmutableIntArray.of(0, 1, 2, 3).subArray(1, 4))).isEqualTo(key);
    assertThat(keys.of(ImmutableIntArray.of(3, 2, 1))).isNotEqualTo(key);
  }

  @Test
  void chunksThatShareMostIdsHaveDifferentKeys() {
    ChunkKeys keys = new ChunkKeys("a", "fp32", OptionalInt.of(1));
    int[] ids = new int[100];
    Set<ChunkKey> different = new HashSet<>(Set.of(keys.of(ImmutableIntArray.copyOf(ids))));
    for (int i = 0; i < ids.length; i++) {
      ids[i] = 7;
      different.add(keys.of(ImmutableIntArray.copyOf(ids)));
      ids[i] = 0;
    }

    assertThat(different).hasSize(101);
    assertThat(keys.cachedCount()).isEqualTo(101);
  }

  @Test
  void leastRecentlyUsedKeysAreEvictedFirst() {
    // Room for two entries of three ids each.
    ChunkKeys keys = new ChunkKeys("a", "fp32", OptionalInt.of(1), 2 * (64 + 3));
    ChunkKey first = keys.of(IDS);
    keys.of(ImmutableIntArray.of(4, 5, 6));
    assertThat(keys.of(IDS)).isSameAs(first);
    keys.of(ImmutableIntArray.of(7, 8, 9));

    assertThat(keys.cachedCount()).isEqualTo(2);
    assertThat(keys.of(IDS)).isSameAs(first);
    keys.of(ImmutableIntArray.of(4, 5, 6));
    keys.of(ImmutableIntArray.of(7, 8, 9));
    assertThat(keys.of(IDS)).as("hashed again").isEqualTo(first).isNotSameAs(first);
  }

  @Test
  void keyHas64HexadecimalDigits() {
    assertThat(new ChunkKey("AB".repeat(32)).hex()).isEqualTo("ab".repeat(32));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ChunkKey("xyz"))
        .withMessageContaining("\"xyz\"");
  }
}
