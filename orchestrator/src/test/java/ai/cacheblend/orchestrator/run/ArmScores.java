package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.client.CallTimes;
import ai.cacheblend.orchestrator.client.DeviceState;
import ai.cacheblend.orchestrator.client.GenerateResult;
import ai.cacheblend.orchestrator.plan.ArmDefaults;
import ai.cacheblend.orchestrator.plan.ArmSyntax;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.RowCounts;
import ai.cacheblend.orchestrator.plan.RowLayers;
import ai.cacheblend.orchestrator.records.ArmRun;
import ai.cacheblend.orchestrator.records.BlockLoad;
import ai.cacheblend.orchestrator.records.Origin;
import ai.cacheblend.orchestrator.records.Sample;
import ai.cacheblend.orchestrator.testing.Samples;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.ImmutableLongArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * An arm of a simulated quality run.
 *
 * @param chargedBudget the work that the worker counts
 */
record ArmScores(String arm, double chargedBudget, Scores scores) {
  private static final int ELIGIBLE = 1000;

  interface Scores {
    double of(int index);
  }

  static List<NamedArm> arms(List<ArmScores> arms) {
    return ArmSyntax.parseAll(
        arms.stream().map(ArmScores::arm).collect(Collectors.joining(",")), ArmDefaults.seed(0));
  }

  static List<Sample> samples(int count, List<ArmScores> arms) {
    List<Sample> samples = new ArrayList<>();
    for (int index = 0; index < count; index++) {
      samples.add(sample(index, arms));
    }
    return samples;
  }

  private static Sample sample(int index, List<ArmScores> arms) {
    List<ArmRun> runs = new ArrayList<>();
    for (ArmScores arm : arms) {
      runs.add(
          new ArmRun(
              arm.arm,
              runs.size(),
              Samples.START,
              rows(arm.chargedBudget),
              Optional.of(answer(arm.chargedBudget)),
              Optional.empty(),
              Optional.of(
                  new ArmRun.Score(
                      "an answer", Map.of("word_f1_longbench", arm.scores.of(index))))));
    }
    return new Sample(
        index,
        "item-" + index,
        "",
        "",
        List.of("x"),
        new Origin(0, "host:1", "cpu"),
        Samples.START,
        "babe",
        ELIGIBLE + 1,
        ELIGIBLE,
        0,
        Optional.empty(),
        Optional.empty(),
        runs,
        Optional.empty(),
        false,
        DeviceState.UNKNOWN,
        BlockLoad.UNKNOWN);
  }

  private static RowCounts rows(double chargedBudget) {
    long work = Math.round(chargedBudget * ELIGIBLE * Samples.LAYERS);
    return new RowCounts(ELIGIBLE + 1, ELIGIBLE, 0, 1, new RowLayers(work, 0));
  }

  private static GenerateResult answer(double chargedBudget) {
    return new GenerateResult(
        ImmutableIntArray.of(5),
        "an answer",
        "stop",
        1,
        rows(chargedBudget),
        new GenerateResult.WorkerDurations(0, 0, 0, 1, 0, 1, 0),
        new CallTimes(0, 0, 1, 1, ImmutableLongArray.of(1), 2),
        ImmutableDoubleArray.of(),
        List.of(),
        List.of(),
        List.of());
  }
}
