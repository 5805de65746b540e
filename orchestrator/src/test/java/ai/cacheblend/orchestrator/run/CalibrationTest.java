package ai.cacheblend.orchestrator.run;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.orchestrator.dataset.DatasetOptions;
import ai.cacheblend.orchestrator.dataset.Datasets;
import ai.cacheblend.orchestrator.dataset.QualityTask;
import ai.cacheblend.orchestrator.plan.ArmDefaults;
import ai.cacheblend.orchestrator.plan.ArmSyntax;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.plan.Sampling;
import ai.cacheblend.orchestrator.plan.TtftPlan;
import ai.cacheblend.orchestrator.plan.WarmUp;
import ai.cacheblend.orchestrator.testing.ManualClock;
import ai.cacheblend.orchestrator.testing.ScriptedWorkerClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class CalibrationTest {
  private static final long SECOND = 1_000_000_000;
  private static final List<NamedArm> ARMS =
      ArmSyntax.parseAll("full_prefill,cacheblend", ArmDefaults.seed(0));

  private final ManualClock clock = new ManualClock();
  private final ScriptedWorkerClient client = new ScriptedWorkerClient("host:1", clock);
  private final Fleet fleet = Fleet.connect(List.of(client));

  @Test
  void ttftEstimateUsesTheShortestLengths() {
    // A block of length n takes 2 arms x weight(n) seconds.
    client.ttft(
        call -> {
          int length =
              call.segments().stream().mapToInt(segment -> segment.tokenIds().length()).sum();
          return (long) (TtftPrompt.weight(length) * SECOND);
        });

    Calibration.Estimate estimate =
        Calibration.of(ttft(List.of(64, 128, 256), 5, new WarmUp(2, 4, 3, 0.1)), fleet, run());

    double perRound = 2 * (TtftPrompt.weight(64) + TtftPrompt.weight(128) + TtftPrompt.weight(256));
    assertThat(estimate.shortest()).isBetween(seconds(perRound * 6.99), seconds(perRound * 7.01));
    assertThat(estimate.longest()).isBetween(seconds(perRound * 8.99), seconds(perRound * 9.01));
    assertThat(estimate.basis()).contains("[64, 128]").contains("host:1");
  }

  @Test
  void pauseInTheShortBlockDoesNotMakeLongBlocksFree() {
    // One block of each length: a pause in the short one makes both take the same time.
    client.ttft(call -> SECOND);

    Calibration.Estimate estimate =
        Calibration.of(ttft(List.of(64, 128, 1024), 1, WarmUp.exactly(0)), fleet, run());

    assertThat(estimate.longest()).isGreaterThan(seconds(2 * (1 + 1 + 4)));
  }

  @Test
  void qualityEstimateUsesTwoSamplesAfterWarmUp() {
    QualityTask task = Datasets.load("pocketwiki", DatasetOptions.samples(10), Map.of());
    AtomicInteger answers = new AtomicInteger();
    // The first sample is slow and excluded.
    client.ttft(call -> answers.getAndIncrement() < ARMS.size() ? 100 * SECOND : 2 * SECOND);

    Calibration.Estimate estimate = Calibration.of(quality(10), task, fleet, run(), () -> null);

    assertThat(estimate.shortest()).isEqualTo(Duration.ofSeconds(10 * 2 * 2));
    assertThat(estimate.longest()).isEqualTo(estimate.shortest());
    assertThat(estimate.basis()).contains("2 samples");
  }

  @Test
  void estimatesOfSeveralPlansAreAdded() {
    Calibration.Estimate one =
        new Calibration.Estimate(Duration.ofSeconds(1), Duration.ofSeconds(4), "one");
    Calibration.Estimate other =
        new Calibration.Estimate(Duration.ofSeconds(2), Duration.ofSeconds(5), "other");

    assertThat(one.plus(other))
        .isEqualTo(
            new Calibration.Estimate(Duration.ofSeconds(3), Duration.ofSeconds(9), "one; other"));
    assertThat(other.orAfter(0.5).shortest()).isEqualTo(Duration.ofSeconds(1));
  }

  private RunClock run() {
    return clock.runClock();
  }

  private static Duration seconds(double seconds) {
    return Duration.ofMillis(Math.round(seconds * 1e3));
  }

  private static TtftPlan ttft(List<Integer> lengths, int trials, WarmUp warmUp) {
    return new TtftPlan(
        lengths, trials, warmUp, 20, TtftPlan.Suffix.ofTokens(9), ARMS, 4, 7, List.of("host:1"));
  }

  private static QualityPlan quality(int samples) {
    return new QualityPlan(
        "pocketwiki",
        "pocketwiki",
        "da7a",
        "cafe",
        samples,
        Sampling.FIRST,
        Datasets.load("pocketwiki", DatasetOptions.samples(1), Map.of()).template(),
        OptionalInt.empty(),
        OptionalInt.empty(),
        Optional.empty(),
        "word_f1_longbench",
        ARMS,
        0.02,
        7,
        List.of("host:1"));
  }
}
