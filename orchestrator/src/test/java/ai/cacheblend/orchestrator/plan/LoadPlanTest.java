package ai.cacheblend.orchestrator.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class LoadPlanTest {

  @ParameterizedTest
  @CsvSource({"500ms, 500000000", "60s, 60000000000", "1.5m, 90000000000", "20us, 20000"})
  void durationsHaveUnits(String text, long nanos) {
    assertThat(TimeText.parse("duration", text)).isEqualTo(Duration.ofNanos(nanos));
    assertThat(TimeText.parse("x", TimeText.of(Duration.ofNanos(nanos))).toNanos())
        .isEqualTo(nanos);
  }

  @ParameterizedTest
  @ValueSource(strings = {"60", "s", "-1s", "1 s", "1d", ""})
  void durationsWithoutThemAreRefused(String text) {
    assertThatThrownBy(() -> TimeText.parse("duration", text))
        .isInstanceOf(PlanException.class)
        .hasMessageContaining("duration is '" + text + "'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"10001h", "5124096h", "999999999h"})
  void durationsOutOfRangeAreRefused(String text) {
    assertThatThrownBy(() -> TimeText.parse("duration", text))
        .isInstanceOf(PlanException.class)
        .hasMessage("duration is " + text + "; use at most 10000h");
  }

  @Test
  void anObjectiveHasDefaultPercentiles() {
    Slo slo = Slo.parse("ttft=500ms,itl=50ms,e2e:p99.9=2s");

    assertThat(slo.text()).isEqualTo("ttft:p90=500ms,itl:p99=50ms,e2e:p99.9=2s");
    assertThat(Slo.parse(slo.text())).isEqualTo(slo);
    assertThat(slo.limits().get(2).share()).isEqualTo(0.999);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "ttft", "ttft=5", "foo=5s", "ttft=0s", "ttft=1s,ttft=2s", "ttft:p0=1s"})
  void aMalformedObjectiveIsRefused(String text) {
    assertThatThrownBy(() -> Slo.parse(text))
        .isInstanceOf(PlanException.class)
        .hasMessageContaining("slo");
  }

  @Test
  void ratesAreAListOrARamp() {
    assertThat(LoadShape.parseRates("2,4.5,8")).containsExactly(2.0, 4.5, 8.0);
    assertThat(LoadShape.parseRates("1..16/5")).containsExactly(1.0, 2.0, 4.0, 8.0, 16.0);
    assertThat(LoadShape.parseRates("0.5..1/3")).containsExactly(0.5, 0.707, 1.0);
    assertThatThrownBy(() -> LoadShape.parseRates("4..1/3")).hasMessageContaining("LOW < HIGH");
    assertThatThrownBy(() -> new LoadShape.Open(LoadShape.parseRates("0"), new Arrivals(1)))
        .hasMessageContaining("rate is 0.0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"poisson", "constant", "gamma:2.5"})
  void arrivalsAreWrittenAsTheyAreRead(String text) {
    assertThat(Arrivals.parse(text).text()).isEqualTo(text);
  }

  @Test
  void requestsAreDividedAmongTheSlices() {
    LoadPlan.Extent extent = LoadPlan.Extent.ofRequests(10);

    assertThat(extent.slice(0, 3).requests()).isEqualTo(3);
    assertThat(extent.slice(1, 3).requests()).isEqualTo(3);
    assertThat(extent.slice(2, 3).requests()).isEqualTo(4);
    assertThat(LoadPlan.Extent.ofSeconds(60).slice(1, 3).seconds()).isEqualTo(20);
  }
}
