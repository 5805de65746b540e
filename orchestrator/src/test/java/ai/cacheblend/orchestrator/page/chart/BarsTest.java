package ai.cacheblend.orchestrator.page.chart;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class BarsTest {
  private static final Scale Y = Scale.linear(0, 10, 200, 100, 5);

  @Test
  void intervalInsideThePlotIsABar() {
    assertThat(Bars.vertical(5, Y, 2, 4).render())
        .contains("y1=\"180\"", "y2=\"160\"")
        .doesNotContain("tip");
  }

  @Test
  void intervalBeyondThePlotIsClippedWithAnArrow() {
    assertThat(Bars.vertical(5, Y, -3, 99).render())
        .contains("y1=\"200\"", "y2=\"100\"", "M5 200", "M5 100");
  }

  @Test
  void unknownIntervalIsNotDrawn() {
    assertThat(Bars.vertical(5, Y, Double.NaN, Double.NaN).render()).doesNotContain("bar");
  }
}
