package ai.cacheblend.orchestrator.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.hash.HashCode;
import com.google.common.hash.Hashing;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class HashRingTest {
  private static final List<HashCode> KEYS =
      IntStream.range(0, 3000).mapToObj(i -> Hashing.murmur3_128().hashInt(i)).toList();

  @Test
  void nodesHaveSimilarShares() {
    HashRing ring = new HashRing(List.of("a:1", "b:1", "c:1"));

    for (String node : List.of("a:1", "b:1", "c:1")) {
      long own = KEYS.stream().filter(key -> ring.preference(key).get(0).equals(node)).count();
      assertThat(own).as(node).isBetween(650L, 1350L);
    }
  }

  @Test
  void onlyKeysOfALostNodeMove() {
    HashRing all = new HashRing(List.of("a:1", "b:1", "c:1"));
    HashRing left = new HashRing(List.of("c:1", "a:1"));

    for (HashCode key : KEYS) {
      List<String> before = all.preference(key);
      assertThat(before).containsExactlyInAnyOrder("a:1", "b:1", "c:1");
      assertThat(left.preference(key))
          .isEqualTo(before.stream().filter(node -> !node.equals("b:1")).toList());
    }
  }
}
