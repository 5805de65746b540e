package ai.cacheblend.orchestrator.plan;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.HashMultiset;
import com.google.common.collect.Multiset;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BlockOrderTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7})
  void eachBlockContainsEachArmOnce(int count) {
    BlockOrder order = new BlockOrder(arms(count), 3);

    for (int block = 0; block < 50; block++) {
      assertThat(order.of(block)).containsExactlyInAnyOrderElementsOf(arms(count));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 5, 6, 7})
  void positionsAreBalanced(int count) {
    BlockOrder order = new BlockOrder(arms(count), 3);

    for (int group = 0; group < 6; group++) {
      Multiset<String> places = HashMultiset.create();
      for (int block = group * count; block < (group + 1) * count; block++) {
        for (int place = 0; place < count; place++) {
          places.add(order.of(block).get(place).name() + "@" + place);
        }
      }
      assertThat(places.elementSet()).hasSize(count * count);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 5, 6, 7})
  void predecessorsAreBalancedInACycle(int count) {
    BlockOrder order = new BlockOrder(arms(count), 5);
    int cycle = count % 2 == 0 ? count : 2 * count;

    Multiset<String> pairs = HashMultiset.create();
    for (int block = cycle; block < 2 * cycle; block++) {
      for (int place = 1; place < count; place++) {
        pairs.add(order.of(block).get(place - 1).name() + order.of(block).get(place).name());
      }
    }
    assertThat(pairs.elementSet()).hasSize(count * (count - 1));
    assertThat(pairs.elementSet())
        .allSatisfy(p -> assertThat(pairs.count(p)).isEqualTo(cycle / count));
  }

  @Test
  void orderDependsOnTheSeed() {
    List<List<NamedArm>> first = orders(1);

    assertThat(orders(1)).isEqualTo(first);
    assertThat(orders(2)).isNotEqualTo(first);
    assertThat(first.stream().distinct().count()).isGreaterThan(12);
  }

  private static List<List<NamedArm>> orders(long seed) {
    BlockOrder order = new BlockOrder(arms(4), seed);
    return IntStream.range(0, 40).mapToObj(order::of).toList();
  }

  private static List<NamedArm> arms(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> new NamedArm("" + (char) ('a' + i), new Arm.FullPrefill()))
        .toList();
  }
}
