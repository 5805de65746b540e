package ai.cacheblend.orchestrator.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.cacheblend.orchestrator.client.PromptSegment;
import ai.cacheblend.orchestrator.client.WorkerException;
import ai.cacheblend.orchestrator.dataset.DatasetOptions;
import ai.cacheblend.orchestrator.dataset.Datasets;
import ai.cacheblend.orchestrator.dataset.QualityTask;
import ai.cacheblend.orchestrator.plan.Arm;
import ai.cacheblend.orchestrator.plan.ArmDefaults;
import ai.cacheblend.orchestrator.plan.ArmSyntax;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.plan.Sampling;
import ai.cacheblend.orchestrator.plan.Tier;
import ai.cacheblend.orchestrator.records.ArmRun;
import ai.cacheblend.orchestrator.records.Sample;
import ai.cacheblend.orchestrator.testing.ManualClock;
import ai.cacheblend.orchestrator.testing.ScriptedWorkerClient;
import com.google.common.primitives.ImmutableIntArray;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class SampleRunnerTest {
  private static final String METRIC = "word_f1_longbench";

  private final QualityTask task = Datasets.load("pocketwiki", DatasetOptions.samples(1), Map.of());
  private final ManualClock clock = new ManualClock();
  private final ScriptedWorkerClient client = new ScriptedWorkerClient("host:1", clock);
  private Optional<Tier> tier = Optional.empty();
  private final Worker worker = new Worker(client, client.describe());

  @Test
  void everyArmIsRunAndScored() {
    String reference = task.samples().get(0).references().get(0);
    client.text(call -> call.arm() instanceof Arm.FullPrefill ? reference : "zzz");

    Sample sample = run("full_prefill,cacheblend");

    assertThat(sample.valid()).isTrue();
    assertThat(sample.armRun("full_prefill").score(METRIC)).isEqualTo(1);
    assertThat(sample.armRun("cacheblend").score(METRIC)).isZero();
    assertThat(sample.armRuns()).extracting(ArmRun::order).containsExactly(0, 1);
    assertThat(sample.promptTokenCount()).isEqualTo(30);
    assertThat(sample.cachedTokenCount()).isEqualTo(20);
    assertThat(sample.startedAt()).isEqualTo(Instant.EPOCH.plusSeconds(1));
  }

  @Test
  void duplicateChunkIsCollectedOnce() {
    assertThat(run("full_prefill,cacheblend").collect().orElseThrow().chunkCount()).isOne();
  }

  @Test
  void collectsNothingIfNoArmReadsChunks() {
    assertThat(run("full_prefill").collect()).isEmpty();
    assertThat(client.calls()).containsExactly("generate FullPrefill");
  }

  @Test
  void chunksMoveToTheTierBeforeEachArmThatReadsThem() {
    tier = Optional.of(Tier.DISK);

    Sample sample = run("full_prefill,full_kv_reuse,cacheblend");

    assertThat(sample.valid()).isTrue();
    List<String> calls = client.calls();
    assertThat(calls).filteredOn(call -> call.startsWith("demote")).hasSize(2);
    assertThat(calls.get(calls.indexOf("generate FullKvReuse") - 1)).isEqualTo("demote disk 1");
    assertThat(calls.get(calls.indexOf("generate CacheBlend") - 1)).isEqualTo("demote disk 1");
    assertThat(sample.armRun("cacheblend").answer().orElseThrow().tierRows())
        .isEqualTo(Map.of("disk", 20));
  }

  @Test
  void chunksFromAnotherTierMakeTheSampleInvalid() {
    tier = Optional.of(Tier.DISK);
    client.answer(answer -> Answers.withTierRows(answer, Map.of("host", 20)));

    assertThat(run("full_kv_reuse").problem().orElseThrow())
        .startsWith("full_kv_reuse: rows of chunks by tier: {host=20}, expected {disk=20}");
  }

  @Test
  void failedCallMakesTheSampleInvalid() {
    AtomicInteger answers = new AtomicInteger();
    client.beforeCall(
        call -> {
          if (call.equals("generate") && answers.getAndIncrement() == 1) {
            throw client.failed();
          }
        });

    Sample sample = run("full_prefill,cacheblend");

    assertThat(sample.valid()).isFalse();
    assertThat(sample.problem().orElseThrow()).contains("scripted failure");
    assertThat(sample.armRuns()).hasSize(1);
  }

  @Test
  void lostWorkerIsThrown() {
    client.beforeCall(
        call -> {
          throw client.unreachable();
        });

    assertThatThrownBy(() -> run("full_prefill"))
        .isInstanceOf(WorkerException.class)
        .hasMessageContaining("UNAVAILABLE");
  }

  @Test
  void abandonedSampleHasAProblem() {
    Sample sample = runner("full_prefill").lost(4, prepared(), worker, "gone");

    assertThat(sample.workerLost()).isTrue();
    assertThat(sample.index()).isEqualTo(4);
    assertThat(sample.problem()).contains("gone");
  }

  private Sample run(String arms) {
    return runner(arms).run(worker, 0, prepared());
  }

  private SampleRunner runner(String arms) {
    QualityPlan plan =
        new QualityPlan(
                "pocketwiki",
                "pocketwiki",
                "da7a",
                "cafe",
                1,
                Sampling.FIRST,
                task.template(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                Optional.empty(),
                METRIC,
                ArmSyntax.parseAll(arms, ArmDefaults.seed(0)),
                0.02,
                7,
                List.of("host:1"))
            .withTier(tier);
    return new SampleRunner(plan, task, 2, 16, true, clock.runClock(), 0);
  }

  /** Two cached segments of the same ten tokens, then ten plain tokens. */
  private PreparedSample prepared() {
    return new PreparedSample(
        task.samples().get(0),
        List.of(
            new PromptSegment(ids(100), true),
            new PromptSegment(ids(100), true),
            new PromptSegment(ids(200), false)),
        3,
        Optional.empty());
  }

  private static ImmutableIntArray ids(int first) {
    return ImmutableIntArray.copyOf(IntStream.range(first, first + 10));
  }
}
