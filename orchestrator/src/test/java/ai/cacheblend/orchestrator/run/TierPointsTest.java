package ai.cacheblend.orchestrator.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.records.Sample;
import ai.cacheblend.orchestrator.records.SweepSummary;
import ai.cacheblend.orchestrator.records.TierPoint;
import ai.cacheblend.orchestrator.testing.QualityPlanEditor;
import ai.cacheblend.orchestrator.testing.Samples;
import ai.cacheblend.orchestrator.testing.TierSamples;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class TierPointsTest {
  private final List<TierPoint> points = TierPoints.of(TierSamples.speeds(), 1);

  @Test
  void everyArmThatReadsChunksHasAPointPerTier() {
    assertThat(points)
        .extracting(point -> point.place() + " " + point.arm())
        .containsExactly(
            "device full_prefill",
            "device full_kv_reuse",
            "device cacheblend@0.15",
            "device cacheblend@0.3",
            "host full_kv_reuse",
            "host cacheblend@0.15",
            "host cacheblend@0.3",
            "host@2MB/s full_kv_reuse",
            "host@2MB/s cacheblend@0.15",
            "host@2MB/s cacheblend@0.3");
    assertThat(points)
        .extracting(TierPoint::shape)
        .containsOnly(new SweepSummary.Shape(16, 3, 1 + 3 * 16 + 15));
    assertThat(points).extracting(point -> point.ratio().orElse(-1)).startsWith(-1.0, 0.0, .15, .3);
  }

  /** Of the prompts 100, 200, 400 ms, host memory has a valid trial of the last two only. */
  @Test
  void speedUpsPairTheSamePromptsAcrossTiers() {
    assertThat(point("device", "cacheblend@0.15").speedUp().orElseThrow().n()).isEqualTo(3);
    assertThat(point("device", "full_prefill").speedUp()).isEmpty();
    TierPoint host = point("host", "cacheblend@0.15");
    assertThat(host.clientTtft().n()).isEqualTo(2);
    assertThat(host.clientTtft().mean()).isCloseTo((60 + 120) / 2e3, within(1e-9));
    assertThat(host.speedUp().orElseThrow().n()).isEqualTo(2);
    assertThat(host.speedUp().orElseThrow().geometricMean()).isCloseTo(100.0 / 30, within(1e-9));
  }

  /** Waits of 13, 5 and 1 ms of a load of 20 ms, at 20, 25 and 40 ms from the device. */
  @Test
  void loadsAreHiddenWhereTtftIsThatOfTheDevice() {
    TierPoint reuse = point("host", "full_kv_reuse");
    assertThat(reuse.hidden()).hasValue(1 - 13 / 20.0);
    assertThat(reuse.overDevice().orElseThrow().n()).isEqualTo(2);
    assertThat(reuse.overDevice().orElseThrow().geometricMean()).isCloseTo(33 / 20.0, within(1e-9));
    assertThat(reuse.loadVisible()).isTrue();
    assertThat(point("host", "cacheblend@0.15").loadVisible()).isTrue();
    assertThat(point("host", "cacheblend@0.3").loadVisible()).isFalse();
    assertThat(point("device", "cacheblend@0.15").hidden()).isEmpty();
    assertThat(point("device", "cacheblend@0.15").overDevice()).isEmpty();
  }

  @Test
  void pointsOfTheFrontierAreOfTheDevice() {
    List<ArmScores> scores =
        Stream.of("full_prefill", "full_kv_reuse", "cacheblend@0.15", "cacheblend@0.3")
            .map(arm -> new ArmScores(arm, .5, index -> .5))
            .toList();
    List<Sample> samples = ArmScores.samples(2, scores);
    QualityPlan quality =
        QualityPlanEditor.of(Samples.qualityPlan()).arms(ArmScores.arms(scores)).plan();
    SweepSummary summary =
        SweepAnalysis.summary(
            TierSamples.speeds(),
            List.of(
                new SweepAnalysis.Quality(
                    quality, samples, QualityAnalysis.summary(quality, samples, Samples.LAYERS))),
            1);

    assertThat(summary.complete()).isTrue();
    assertThat(summary.points())
        .extracting(point -> point.arm() + " " + point.clientTtft().n())
        .containsExactly(
            "full_prefill 3", "full_kv_reuse 3", "cacheblend@0.15 3", "cacheblend@0.3 3");
    assertThat(summary.tiers()).isEqualTo(points);
    assertThat(Samples.sweepSummary().tiers()).isEmpty();
  }

  private TierPoint point(String place, String arm) {
    Optional<TierPoint> found =
        points.stream().filter(p -> p.place().equals(place) && p.arm().equals(arm)).findFirst();
    return found.orElseThrow();
  }
}
