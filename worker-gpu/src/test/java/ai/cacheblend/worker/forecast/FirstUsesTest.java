package ai.cacheblend.worker.forecast;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.worker.blend.LayerWork;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class FirstUsesTest {
  private final FirstUses firstUses = new FirstUses();

  @Test
  void rowCountsAreCountedOnceUntilTheyHaveRun() {
    assertThat(firstUses.count(rows(50, 50, 7, 50, 7))).isEqualTo(2);
    assertThat(firstUses.count(rows(0, 0))).isZero();

    firstUses.add(rows(50, 50));

    assertThat(firstUses.count(rows(50, 50, 7, 50, 7))).isEqualTo(1);
    assertThat(firstUses.count(rows(50))).isZero();
  }

  @Test
  void costIsAddedWhereARowCountIsUsedFirst() {
    firstUses.add(rows(50));
    firstUses.addCost(3);
    firstUses.addCost(100);
    firstUses.addCost(4);
    double[] layers = new double[4];

    firstUses.addWhole(rows(50, 7, 8, 7), layers);

    assertThat(layers).containsExactly(0, 4, 4, 0);
  }

  /** Each miss is one more use over which the cost is shared. */
  @Test
  void costOfRowCountsThatWereMissedIsShared() {
    firstUses.addCost(6);
    firstUses.addMissed(rows(7, 7));
    firstUses.addMissed(rows(7, 7));
    double[] shared = new double[2];
    double[] whole = new double[2];

    firstUses.addShare(rows(7, 8), shared);
    firstUses.addWhole(rows(7, 8), whole);

    assertThat(shared).containsExactly(2, 6);
    assertThat(whole).containsExactly(6, 6);
  }

  /** Differences that noise has made are not costs. */
  @Test
  void costIsNeverNegative() {
    double[] layers = new double[1];
    firstUses.addWhole(rows(7), layers);
    firstUses.addCost(-1);
    firstUses.addWhole(rows(7), layers);

    assertThat(layers).containsExactly(0);
  }

  private static List<LayerWork> rows(int... counts) {
    return IntStream.of(counts).mapToObj(count -> new LayerWork(count, 10 * count)).toList();
  }
}
