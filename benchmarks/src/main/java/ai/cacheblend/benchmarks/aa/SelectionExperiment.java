package ai.cacheblend.benchmarks.aa;

import ai.cacheblend.metrics.Verdict;
import ai.cacheblend.orchestrator.client.CallTimes;
import ai.cacheblend.orchestrator.client.DeviceState;
import ai.cacheblend.orchestrator.client.GenerateResult;
import ai.cacheblend.orchestrator.dataset.DatasetOptions;
import ai.cacheblend.orchestrator.dataset.Datasets;
import ai.cacheblend.orchestrator.plan.ArmDefaults;
import ai.cacheblend.orchestrator.plan.ArmSyntax;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.plan.RowCounts;
import ai.cacheblend.orchestrator.plan.RowLayers;
import ai.cacheblend.orchestrator.plan.Sampling;
import ai.cacheblend.orchestrator.records.ArmRun;
import ai.cacheblend.orchestrator.records.BlockLoad;
import ai.cacheblend.orchestrator.records.Origin;
import ai.cacheblend.orchestrator.records.Sample;
import ai.cacheblend.orchestrator.run.ArmSelection;
import ai.cacheblend.orchestrator.run.Gate;
import ai.cacheblend.orchestrator.run.SampleOrder;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.ImmutableLongArray;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.simple.RandomSource;

/**
 * Errors and power of {@code gate --selector auto} over twelve candidates with known mean losses,
 * with the orchestrator's own selection and test.
 */
final class SelectionExperiment {
  private static final double MARGIN = 0.05;
  private static final int SAMPLES = 400;
  private static final int SELECTION = 100;
  private static final int ROWS = 1000;
  private static final int LAYERS = 10;
  private static final String METRIC = "word_f1_longbench";

  /** Of full KV reuse, then of candidates by rising charged budget. */
  private static final List<Double> ALL_UNSAFE =
      List.of(0.08, 0.07, 0.06, 0.06, 0.055, 0.055, 0.055, 0.052, 0.052, 0.052, 0.052, 0.052);

  private static final List<Double> SOME_SAFE =
      List.of(0.1, 0.1, 0.08, 0.08, 0.07, 0.055, 0.055, 0.052, 0.01, 0.0, 0.0, 0.0);

  private static final QualityPlan PLAN = plan();

  private SelectionExperiment() {}

  /**
   * Outcomes of many runs.
   *
   * @param wrong runs that chose an arm which loses more than the margin
   * @param right runs that chose one which loses less
   */
  record Outcome(int runs, int wrong, int right) {
    double wrongShare() {
      return (double) wrong / runs;
    }
  }

  /** Reproducible by seed. */
  static Outcome of(ScoreDistribution scores, List<Double> losses, int runs, long seed) {
    UniformRandomProvider random = RandomSource.XO_RO_SHI_RO_128_PP.create(seed);
    SampleOrder order = SampleOrder.random(PLAN);
    List<NamedArm> candidates = PLAN.arms().subList(1, PLAN.arms().size());
    int wrong = 0;
    int right = 0;
    for (int run = 0; run < runs; run++) {
      List<Sample> selected = new ArrayList<>();
      for (int index : order.first(SELECTION).indices()) {
        selected.add(sample(index, scores, losses, random));
      }
      ArmSelection selection = ArmSelection.of(PLAN, selected, LAYERS);
      Gate gate = Gate.inSequence(selection.testPlan(), order.after(SELECTION), LAYERS);
      for (int index : order.after(SELECTION).indices()) {
        if (!gate.isDecided()) {
          gate.add(sample(index, scores, losses, random));
        }
      }
      if (gate.verdict().outcome() == Verdict.Outcome.PASS) {
        double loss = losses.get(candidates.indexOf(gate.chosen().orElseThrow()));
        wrong += loss > MARGIN ? 1 : 0;
        right += loss > MARGIN ? 0 : 1;
      }
    }
    return new Outcome(runs, wrong, right);
  }

  static List<Double> allUnsafe() {
    return ALL_UNSAFE;
  }

  static void print(int runs) {
    System.out.printf(
        "%d runs each, 12 candidates, margin %s, %d samples of the selection, %d of the test%n%n",
        runs, MARGIN, SELECTION, SAMPLES - SELECTION);
    Tables.header(
        "scores",
        List.of("no arm is safe: wrong", "four are safe: wrong", "four are safe: one is chosen"));
    for (ScoreDistribution scores : ScoreDistribution.values()) {
      long seed = 1_000_003L * scores.name().hashCode();
      Outcome unsafe = of(scores, ALL_UNSAFE, runs, seed);
      Outcome some = of(scores, SOME_SAFE, runs, seed + 1);
      Tables.row(
          scores.text(),
          List.of(
              Tables.text("%.1f %%", 100 * unsafe.wrongShare()),
              Tables.text("%.1f %%", 100 * some.wrongShare()),
              Tables.text("%.0f %%", 100.0 * some.right() / runs)));
    }
  }

  private static QualityPlan plan() {
    List<String> arms = new ArrayList<>(List.of("full_prefill", "full_kv_reuse"));
    for (int i = 1; i < ALL_UNSAFE.size(); i++) {
      arms.add("chunk-head@" + i / 20.0);
    }
    return new QualityPlan(
            "simulated",
            "simulated",
            "",
            "",
            SAMPLES,
            Sampling.FIRST,
            Datasets.load("pocketwiki", DatasetOptions.samples(1), Map.of()).template(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            Optional.empty(),
            METRIC,
            ArmSyntax.parseAll(arms.stream().collect(Collectors.joining(",")), ArmDefaults.seed(0)),
            MARGIN,
            7,
            List.of("simulated:1"))
        .withSelection(OptionalInt.of(SELECTION));
  }

  /** Full prefill's scores are those of the first draw. */
  private static Sample sample(
      int index, ScoreDistribution scores, List<Double> losses, UniformRandomProvider random) {
    List<ArmRun> runs = new ArrayList<>();
    long state = random.nextLong();
    for (int i = 0; i <= losses.size(); i++) {
      // Equal states give equal full scores; the arms are correlated, as real ones are.
      ScoreDistribution.Pair pair =
          scores.draw(
              RandomSource.XO_RO_SHI_RO_128_PP.create(state), i == 0 ? 0 : losses.get(i - 1));
      double score = i == 0 ? pair.full() : pair.arm();
      runs.add(run(PLAN.arms().get(i).name(), i == 0 ? 1 : (i - 1) / 20.0, score, i));
    }
    return new Sample(
        index,
        "item-" + index,
        "",
        "",
        List.of("x"),
        new Origin(0, "simulated:1", "cpu"),
        Instant.EPOCH,
        "",
        ROWS + 1,
        ROWS,
        0,
        Optional.empty(),
        Optional.empty(),
        runs,
        Optional.empty(),
        false,
        DeviceState.UNKNOWN,
        BlockLoad.UNKNOWN);
  }

  private static ArmRun run(String arm, double chargedBudget, double score, int order) {
    long work = Math.round(chargedBudget * ROWS * LAYERS);
    RowCounts rows = new RowCounts(ROWS + 1, ROWS, 0, 1, new RowLayers(work, 0));
    GenerateResult answer =
        new GenerateResult(
            ImmutableIntArray.of(5),
            "an answer",
            "stop",
            1,
            rows,
            new GenerateResult.WorkerDurations(0, 0, 0, 1, 0, 1, 0),
            new CallTimes(0, 0, 1, 1, ImmutableLongArray.of(1), 2),
            ImmutableDoubleArray.of(),
            List.of(),
            List.of(),
            List.of());
    return new ArmRun(
        arm,
        order,
        Instant.EPOCH,
        rows,
        Optional.of(answer),
        Optional.empty(),
        Optional.of(new ArmRun.Score("an answer", Map.of(METRIC, score))));
  }
}
