package ai.cacheblend.orchestrator.run;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.orchestrator.client.GenerateResult;
import ai.cacheblend.orchestrator.client.LoadReport;
import ai.cacheblend.orchestrator.client.PromptSegment;
import ai.cacheblend.orchestrator.plan.Arm;
import ai.cacheblend.orchestrator.plan.ArmDefaults;
import ai.cacheblend.orchestrator.plan.ArmSyntax;
import ai.cacheblend.orchestrator.plan.ChunkSource;
import ai.cacheblend.orchestrator.plan.LoadPolicy;
import ai.cacheblend.orchestrator.plan.RowCounts;
import ai.cacheblend.orchestrator.plan.RowLayers;
import ai.cacheblend.orchestrator.plan.Tier;
import ai.cacheblend.orchestrator.plan.TtftPlan;
import ai.cacheblend.orchestrator.plan.WarmUp;
import ai.cacheblend.orchestrator.records.ArmRun;
import ai.cacheblend.orchestrator.records.Measure;
import ai.cacheblend.orchestrator.records.Phase;
import ai.cacheblend.orchestrator.records.Trial;
import ai.cacheblend.orchestrator.testing.ManualClock;
import ai.cacheblend.orchestrator.testing.ScriptedWorkerClient;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class TtftTrialRunnerTest {
  private static final long MILLI = 1_000_000;
  private static final int LENGTH = 50;

  private final ManualClock clock = new ManualClock();
  private final ScriptedWorkerClient client = new ScriptedWorkerClient("host:1", clock);
  private final Worker worker = new Worker(client, client.describe());

  @Test
  void trialResetsCollectsChecksAndRunsEveryArm() {
    client
        .collectNanos(30 * MILLI)
        .ttft(c -> c.arm() instanceof Arm.FullPrefill ? 8 * MILLI : MILLI);

    Trial trial = run().result();

    assertThat(client.calls()).startsWith("reset", "collect", "check").hasSize(3 + 3);
    assertThat(trial.valid()).isTrue();
    assertThat(trial.armRuns()).extracting(ArmRun::order).containsExactly(0, 1, 2);
    assertThat(trial.armRun("full_prefill").seconds(Measure.CLIENT_TTFT)).contains(0.008);
    assertThat(trial.armRun("cacheblend").seconds(Measure.CLIENT_TTFT)).contains(0.001);
    assertThat(trial.collect().orElseThrow().clientSeconds()).isEqualTo(0.03);
    assertThat(trial.collect().orElseThrow().chunkCount()).isEqualTo(2);
    assertThat(trial.origin().session()).isEqualTo(3);
  }

  /** A check costs a prefill. */
  @Test
  void oneOfSeveralBlendingArmsIsChecked() {
    Trial trial = run(plan("full_prefill,cacheblend@0.1,chunk-head@0.1,cacheblend@0.3")).result();

    assertThat(trial.valid()).isTrue();
    assertThat(client.calls()).filteredOn("check"::equals).hasSize(1);
    assertThat(client.calls()).startsWith("reset", "collect", "check").hasSize(3 + 4);
  }

  /** The context has 41 tokens: two full blocks of 16. */
  @Test
  void prefixCachingIsMeasuredAfterItsContext() {
    client.ttft(
        c -> c.arm() instanceof Arm.PrefixCaching && c.segments().size() == 3 ? 9 * MILLI : MILLI);

    Trial trial = run(plan("full_prefill,prefix_caching")).result();

    assertThat(trial.valid()).isTrue();
    assertThat(client.calls())
        .containsSubsequence("generate PrefixCaching", "generate PrefixCaching")
        .hasSize(2 + 3);
    ArmRun run = trial.armRun("prefix_caching");
    assertThat(run.expectedRows().reusedTokenCount()).isEqualTo(32);
    assertThat(run.expectedRows().computedTokenCount()).isEqualTo(LENGTH - 32);
    assertThat(run.seconds(Measure.CLIENT_TTFT)).contains(0.001);
  }

  @Test
  void aTrialWithoutReusedBlocksIsInvalid() {
    client.answer(TtftTrialRunnerTest::withoutReuse);

    ArmRun run = run(plan("prefix_caching")).result().armRun("prefix_caching");

    assertThat(run.problem().orElseThrow())
        .isEqualTo("reused rows: 0, expected 32; computed rows: 50, expected 18");
  }

  private static GenerateResult withoutReuse(GenerateResult answer) {
    int prompt = answer.rows().promptTokenCount();
    return new GenerateResult(
        answer.tokenIds(),
        answer.text(),
        answer.reason(),
        answer.newTokenCount(),
        new RowCounts(prompt, 0, 0, prompt, new RowLayers(0, 0)),
        answer.workerDurations(),
        answer.times(),
        answer.logprobs(),
        answer.firstTopLogits(),
        answer.activePositions(),
        answer.layerScores());
  }

  @Test
  void chunksMoveToTheTierBeforeEachArmThatReadsThem() {
    List<OptionalLong> limits = new ArrayList<>();
    client.ttft(
        call -> {
          limits.add(call.loadBytesPerSecond());
          return MILLI;
        });
    TtftPlan plan =
        from(
            plan("full_prefill,full_kv_reuse,cacheblend@0.15"),
            new ChunkSource(Tier.HOST, OptionalLong.of(3_000_000_000L)));

    Trial trial = run(plan).result();

    assertThat(trial.valid()).isTrue();
    List<String> calls = client.calls();
    assertThat(calls).filteredOn(call -> call.startsWith("demote")).hasSize(2);
    assertThat(calls.get(calls.indexOf("generate FullKvReuse") - 1)).isEqualTo("demote host 2");
    assertThat(calls.get(calls.indexOf("generate CacheBlend") - 1)).isEqualTo("demote host 2");
    assertThat(limits).containsOnly(OptionalLong.of(3_000_000_000L));
    assertThat(trial.armRun("full_kv_reuse").answer().orElseThrow().tierRows())
        .isEqualTo(Map.of("host", 40));
  }

  @Test
  void chunksFromAnotherTierMakeTheirArmInvalid() {
    client.answer(answer -> Answers.withTierRows(answer, Map.of("device", 10, "disk", 30)));
    TtftPlan plan = from(plan("full_kv_reuse"), new ChunkSource(Tier.DISK, OptionalLong.empty()));

    ArmRun run = run(plan).result().armRun("full_kv_reuse");

    assertThat(run.problem().orElseThrow())
        .startsWith("rows of chunks by tier: {device=10, disk=30}, expected {disk=40}");
  }

  /** What the worker computed instead is verified, and not expected from the tier. */
  @Test
  void chunksThatTheWorkerComputesAreNotLoaded() {
    List<Optional<LoadPolicy>> policies = new ArrayList<>();
    client.ttft(
        call -> {
          policies.add(call.loadPolicy());
          return MILLI;
        });
    client.answer(
        answer ->
            answer.rows().reusedTokenCount() > 0
                ? with(
                    answer,
                    new RowCounts(
                        answer.rows().promptTokenCount(),
                        answer.rows().reusedTokenCount() - 20,
                        0,
                        answer.rows().computedTokenCount() + 20,
                        answer.rows().layers()),
                    Map.of("host", 20),
                    computed(1))
                : answer);
    ChunkSource auto = new ChunkSource(Tier.HOST, OptionalLong.empty(), LoadPolicy.AUTO);

    ArmRun run = run(from(plan("full_kv_reuse"), auto)).result().armRun("full_kv_reuse");

    assertThat(run.problem()).isEmpty();
    assertThat(run.expectedRows().reusedTokenCount()).isEqualTo(20);
    assertThat(policies).containsOnly(Optional.of(LoadPolicy.AUTO));

    policies.clear();
    ChunkSource all = new ChunkSource(Tier.HOST, OptionalLong.empty());
    ArmRun refused = run(from(plan("full_kv_reuse"), all)).result().armRun("full_kv_reuse");
    assertThat(refused.problem()).contains("chunks computed instead of loaded: 1");
    assertThat(policies).containsOnly(Optional.of(LoadPolicy.LOAD));
  }

  private static LoadReport computed(int segment) {
    return new LoadReport(
        List.of(segment), OptionalDouble.empty(), OptionalLong.empty(), OptionalLong.empty(), 0);
  }

  private static TtftPlan from(TtftPlan plan, ChunkSource source) {
    return new TtftPlan(
        plan.lengths(),
        plan.trials(),
        plan.warmUp(),
        plan.chunkTokens(),
        plan.suffix(),
        plan.arms(),
        Optional.of(source),
        plan.maxNewTokens(),
        plan.seed(),
        plan.workers());
  }

  private static GenerateResult with(
      GenerateResult answer, RowCounts counts, Map<String, Integer> rows, LoadReport load) {
    return new GenerateResult(
        answer.tokenIds(),
        answer.text(),
        answer.reason(),
        answer.newTokenCount(),
        counts,
        answer.workerDurations(),
        answer.times(),
        answer.logprobs(),
        answer.firstTopLogits(),
        answer.activePositions(),
        answer.layerScores(),
        rows,
        load);
  }

  @Test
  void failedResetMakesEveryArmInvalid() {
    client.beforeCall(
        call -> {
          if (call.equals("reset")) {
            throw client.failed();
          }
        });

    Trial trial = run().result();

    assertThat(trial.valid()).isFalse();
    assertThat(trial.workerLost()).isFalse();
    assertThat(trial.armRuns())
        .hasSize(3)
        .allMatch(run -> run.problem().orElseThrow().startsWith("not run after worker host:1"));
  }

  @Test
  void failedCallIsTheProblemOfItsArmOnly() {
    AtomicInteger answers = new AtomicInteger();
    client.beforeCall(
        call -> {
          if (call.equals("generate") && answers.getAndIncrement() == 1) {
            throw client.failed();
          }
        });

    Trial trial = run().result();

    assertThat(trial.valid()).isFalse();
    assertThat(trial.armRuns()).extracting(ArmRun::valid).containsExactly(true, false, true);
    assertThat(trial.armRuns().get(1).answer()).isEmpty();
  }

  @Test
  void lostWorkerEndsTheTrial() {
    AtomicInteger answers = new AtomicInteger();
    client.beforeCall(
        call -> {
          if (call.equals("generate") && answers.getAndIncrement() == 1) {
            throw client.unreachable();
          }
        });

    SharedWork.Done<Trial> done = run();

    assertThat(done.workerLost()).isPresent();
    assertThat(done.result().workerLost()).isTrue();
    assertThat(done.result().armRuns()).hasSize(3);
    assertThat(done.result().armRuns().get(2).problem().orElseThrow()).startsWith("not run after");
    assertThat(client.calls().stream().filter(call -> call.startsWith("generate"))).hasSize(2);
  }

  @Test
  void wrongCountMakesTheTrialInvalid() {
    client.answer(Answers::withOneTokenLess);

    assertThat(run().result().armRuns())
        .allMatch(run -> run.problem().orElseThrow().contains("new tokens: 3, expected 4"));
  }

  @Test
  void foreignRequestsMakeTheTrialInvalid() {
    client.foreignRequests(() -> 2);

    assertThat(run().result().armRuns())
        .allMatch(
            run ->
                run.problem()
                    .orElseThrow()
                    .equals("foreign requests on the worker during the trial: 2"));
  }

  @Test
  void warmUpsHaveASeparateOrder() {
    TtftTrialRunner runner = new TtftTrialRunner(plan(), 2, 16, clock.runClock(), 0);
    List<List<String>> orders =
        IntStream.range(0, 6)
            .mapToObj(i -> runner.run(worker, prompt(Phase.WARMUP, i)).result())
            .map(trial -> trial.armRuns().stream().map(ArmRun::arm).toList())
            .distinct()
            .toList();

    assertThat(orders).hasSizeGreaterThan(1);
  }

  private SharedWork.Done<Trial> run() {
    return run(plan());
  }

  private SharedWork.Done<Trial> run(TtftPlan plan) {
    return new TtftTrialRunner(plan, 2, ScriptedWorkerClient.BLOCK_TOKENS, clock.runClock(), 3)
        .run(worker, prompt(Phase.MEASURED, 0));
  }

  private static TtftPlan plan() {
    return plan("full_prefill,full_kv_reuse,cacheblend");
  }

  private static TtftPlan plan(String arms) {
    return new TtftPlan(
        List.of(LENGTH),
        6,
        WarmUp.exactly(6),
        20,
        TtftPlan.Suffix.ofTokens(9),
        ArmSyntax.parseAll(arms, ArmDefaults.seed(0)),
        4,
        7,
        List.of("host:1"));
  }

  private static TtftPrompt prompt(Phase phase, int trial) {
    return new TtftPrompt(
        phase,
        LENGTH,
        trial,
        List.of(
            new PromptSegment(ImmutableIntArray.of(1), false),
            new PromptSegment(ids(100, 20), true),
            new PromptSegment(ids(200, 20), true),
            new PromptSegment(ids(300, 9), false)));
  }

  private static ImmutableIntArray ids(int first, int count) {
    return ImmutableIntArray.copyOf(IntStream.range(first, first + count));
  }
}
