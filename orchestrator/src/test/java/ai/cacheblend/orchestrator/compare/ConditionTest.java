package ai.cacheblend.orchestrator.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.cacheblend.metrics.MeanDifference;
import ai.cacheblend.orchestrator.plan.PlanException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ConditionTest {

  @Test
  void parsesEveryPart() {
    assertThat(
            Condition.parse("ttft of cacheblend@1=0.2,2=0.17:key at 4096 in chunks of 256 > +2.5%"))
        .isEqualTo(
            new Condition(
                "ttft of cacheblend@1=0.2,2=0.17:key at 4096 in chunks of 256 > +2.5%",
                ComparedMeasure.TTFT,
                Optional.of("cacheblend@1=0.2,2=0.17:key"),
                Optional.of(4096),
                Optional.empty(),
                Optional.of(256),
                Optional.empty(),
                Optional.empty(),
                true,
                0.025));
    assertThat(Condition.parse("quality on my data.json<-0.02").dataset()).contains("my data.json");
    assertThat(Condition.parse("itl of random@0.15 at rate 2.5>5%").load()).contains("rate 2.5");
    assertThat(Condition.parse("throughput at concurrency  8<-5%").load())
        .contains("concurrency 8");
    assertThat(Condition.parse("ttft at 64 in chunks of 9 from host@1.5GB/s>5%").tier())
        .contains("host@1.5GB/s");
    assertThat(Condition.parse("ttft from disk@1500MB/s on x>5%").tier()).contains("disk@1.5GB/s");
    assertThat(Condition.parse("ttft from disk@1500MB/s on x>5%").dataset()).contains("x");
    assertThat(Condition.parse("ttft from device>5%").tier()).contains("device");
    assertThat(Condition.parse("speedup<-10%").limit()).isCloseTo(-0.1, within(1e-12));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "ttft",
        "ttft>",
        "ttft=5%",
        "latency>5%",
        "ttft>5",
        "quality>2%",
        "ttft at x>5%",
        "ttft from tape>5%",
        "ttft from device@3GB/s>5%",
        "speedup<-100%"
      })
  void invalidConditionsAreRejected(String text) {
    assertThatThrownBy(() -> Condition.parse(text))
        .isInstanceOf(PlanException.class)
        .hasMessageContaining("fail-if is '" + text + "'");
  }

  /**
   * A loss of 0.1 with standard error 0.02 and 100 degrees of freedom: 95 % from -0.1397 to
   * -0.0603.
   */
  @ParameterizedTest
  @CsvSource({"-0.060, true", "-0.061, false"})
  void boundOfTheIntervalDecides(double limit, boolean failed) {
    Effect effect = effect("a", -0.1);

    assertThat(failing(limit, List.of(effect))).isEqualTo(failed ? List.of(effect) : List.of());
  }

  /** Of two, the first is held to half the level: 97.5 % of t(100) from -0.1455 to -0.0545. */
  @ParameterizedTest
  @CsvSource({"-0.054, true", "-0.055, false"})
  void severalConditionsWidenTheInterval(double limit, boolean failed) {
    Effect effect = effect("a", -0.1);

    assertThat(failing(limit, List.of(effect, effect("b", 0))))
        .isEqualTo(failed ? List.of(effect) : List.of());
  }

  private static List<Effect> failing(double limit, List<Effect> effects) {
    return Condition.parse("quality<" + limit).failing(effects);
  }

  private static Effect effect(String arm, double difference) {
    return new Effect(
        Cell.ofDataset(arm, "data", Optional.empty(), Optional.empty()),
        101,
        101,
        0.8,
        0.8 + difference,
        101,
        Optional.of(new MeanDifference(difference, 0.02, 100)));
  }
}
