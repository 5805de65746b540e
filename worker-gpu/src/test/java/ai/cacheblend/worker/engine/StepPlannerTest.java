package ai.cacheblend.worker.engine;

import static ai.cacheblend.worker.engine.StepDemand.DECODE;
import static ai.cacheblend.worker.engine.StepDemand.divisible;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class StepPlannerTest {
  private final StepPlanner planner = new StepPlanner(100);

  @Test
  void singleRequestIsNotDivided() {
    assertThat(plan(divisible(1000))).containsExactly(1000);
    assertThat(plan(whole(1000, 1000))).containsExactly(1000);
    assertThat(plan(DECODE)).containsExactly(1);
  }

  @Test
  void requestsThatDecodeComeFirstAndPrefillsFillTheRest() {
    assertThat(plan(divisible(1000), DECODE, DECODE)).containsExactly(98, 1, 1);
    assertThat(plan(divisible(60), DECODE, divisible(60))).containsExactly(60, 1, 39);
    assertThat(plan(divisible(60), divisible(60), divisible(60))).containsExactly(60, 40, 0);
  }

  @Test
  void rowsThatOnlySomeLayersComputeCountAsTheirShare() {
    assertThat(plan(whole(150, 30), whole(150, 30), whole(80, 30), whole(150, 30)))
        .containsExactly(150, 150, 80, 0);
    assertThat(plan(whole(150, 30), divisible(500))).containsExactly(150, 70);
    // 4 layers: 10 rows in the first two, then 3.
    assertThat(StepDemand.whole(10, 10 + 10 + 3 + 3, 4).cost()).isEqualTo(7);
  }

  @Test
  void firstPrefillIsInEveryStep() {
    assertThat(plan(DECODE, whole(500, 300), divisible(5))).containsExactly(1, 500, 0);
    StepDemand[] many = Collections.nCopies(120, DECODE).toArray(new StepDemand[121]);
    many[120] = divisible(200);
    assertThat(plan(many))
        .startsWith(Collections.nCopies(120, 1).stream().mapToInt(n -> n).toArray());
    assertThat(plan(many)[120]).isEqualTo(25);
    many[120] = whole(200, 50);
    assertThat(plan(many)[120]).isEqualTo(200);
  }

  @Test
  void laterPrefillMayFitWhereAnEarlierOneDoesNot() {
    assertThat(plan(divisible(60), whole(90, 50), whole(90, 30))).containsExactly(60, 0, 90);
  }

  @Test
  void rowsOfAStepAreLimitedHoweverFewLayersComputeThem() {
    assertThat(plan(whole(300, 10), whole(90, 10), whole(90, 10))).containsExactly(300, 90, 0);
    assertThat(plan(whole(3000, 10), whole(90, 10))).containsExactly(3000, 0);
  }

  @Test
  void everyDecodeIsServedAndTheBudgetIsKeptBeyondTheFirstPrefill() {
    SplittableRandom random = new SplittableRandom(5);
    for (int round = 0; round < 2000; round++) {
      List<StepDemand> demands = new ArrayList<>();
      for (int i = random.nextInt(2, 40); i > 0; i--) {
        int rows = random.nextInt(1, 300);
        demands.add(
            switch (random.nextInt(3)) {
              case 0 -> DECODE;
              case 1 -> divisible(rows);
              default -> whole(rows, random.nextInt(1, rows + 1));
            });
      }
      check(demands, planner.plan(demands));
    }
  }

  private static void check(List<StepDemand> demands, int[] rows) {
    long cost = 0;
    int first = -1;
    for (int i = 0; i < rows.length; i++) {
      StepDemand demand = demands.get(i);
      assertThat(rows[i]).isBetween(0, demand.rowCount());
      if (demand.kind() == StepDemand.Kind.DECODE) {
        assertThat(rows[i]).isOne();
      } else if (first < 0) {
        first = i;
        assertThat(rows[i]).isPositive();
      }
      if (demand.kind() == StepDemand.Kind.WHOLE) {
        assertThat(rows[i]).isIn(0, demand.rowCount());
      }
      if (i != first && rows[i] > 0) {
        cost += demand.kind() == StepDemand.Kind.WHOLE ? demand.cost() : rows[i];
      }
    }
    assertThat(cost).isLessThanOrEqualTo(100);
  }

  private int[] plan(StepDemand... demands) {
    return planner.plan(List.of(demands));
  }

  private static StepDemand whole(int rowCount, int cost) {
    return new StepDemand(StepDemand.Kind.WHOLE, rowCount, cost);
  }
}
