package ai.cacheblend.orchestrator.testing;

import ai.cacheblend.orchestrator.client.CallTimes;
import ai.cacheblend.orchestrator.client.DeviceState;
import ai.cacheblend.orchestrator.client.GenerateResult;
import ai.cacheblend.orchestrator.client.LoadReport;
import ai.cacheblend.orchestrator.plan.ArmDefaults;
import ai.cacheblend.orchestrator.plan.ArmSyntax;
import ai.cacheblend.orchestrator.plan.ChunkSource;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.RowCounts;
import ai.cacheblend.orchestrator.plan.RowLayers;
import ai.cacheblend.orchestrator.plan.SweepPlan;
import ai.cacheblend.orchestrator.plan.Tier;
import ai.cacheblend.orchestrator.plan.TtftPlan;
import ai.cacheblend.orchestrator.plan.WarmUp;
import ai.cacheblend.orchestrator.records.ArmRun;
import ai.cacheblend.orchestrator.records.BlockLoad;
import ai.cacheblend.orchestrator.records.Collect;
import ai.cacheblend.orchestrator.records.Origin;
import ai.cacheblend.orchestrator.records.Phase;
import ai.cacheblend.orchestrator.records.RecordFolder;
import ai.cacheblend.orchestrator.records.SweepFiles;
import ai.cacheblend.orchestrator.records.SweepSummary;
import ai.cacheblend.orchestrator.records.Trial;
import ai.cacheblend.orchestrator.records.TtftFiles;
import ai.cacheblend.orchestrator.run.SweepAnalysis;
import ai.cacheblend.orchestrator.run.TtftAnalysis;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.ImmutableLongArray;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * A sweep with chunks on the device, in host memory, and there with a limit of 2 MB/s: one prompt
 * shape, four arms, three trials. Trial 0 of host memory is invalid.
 */
public final class TierSamples {
  private static final long MILLI = 1_000_000;
  private static final RowCounts ROWS = new RowCounts(64, 26, 5, 33, new RowLayers(50, 33));

  /** Of every load. */
  private static final long LOAD_MILLIS = 20;

  private static final Map<String, Long> DEVICE =
      Map.of(
          "full_prefill",
          100L,
          "full_kv_reuse",
          20L,
          "cacheblend@0.15",
          25L,
          "cacheblend@0.3",
          40L);

  /** Milliseconds that compute waits for the load. */
  private static final Map<String, Long> WAITS =
      Map.of("full_kv_reuse", 13L, "cacheblend@0.15", 5L, "cacheblend@0.3", 1L);

  private TierSamples() {}

  public static SweepPlan plan() {
    return new SweepPlan(
        ArmSyntax.parseAll(
            "full_prefill,full_kv_reuse,cacheblend@0.15,cacheblend@0.3", ArmDefaults.seed(7)),
        new SweepPlan.Speed(
            List.of(16),
            List.of(3),
            List.of(),
            TtftPlan.Suffix.ofTokens(15),
            3,
            WarmUp.exactly(1),
            1,
            List.of(
                new ChunkSource(Tier.HOST, OptionalLong.empty()),
                new ChunkSource(Tier.HOST, OptionalLong.of(2_000_000)))),
        List.of(SweepPlan.Data.of("pocketwiki", 3, 0.02)),
        7,
        List.of("gpu1:50051"));
  }

  /** The TTFT parts. */
  public static List<SweepAnalysis.Speed> speeds() {
    return plan().ttft(1).stream()
        .map(
            plan ->
                new SweepAnalysis.Speed(
                    plan, trials(plan), TtftAnalysis.summary(plan, trials(plan), Samples.LAYERS)))
        .toList();
  }

  public static SweepSummary summary() {
    return SweepAnalysis.summary(speeds(), List.of(), 1);
  }

  /** Writes the sweep, without a quality run. */
  public static void write(Path folder) {
    List<String> parts =
        plan().ttft(1).stream().map(plan -> "chunks-16-" + plan.source().hashCode()).toList();
    SweepFiles files = SweepFiles.open(folder, plan(), parts, Samples.environment(), false);
    for (int i = 0; i < parts.size(); i++) {
      SweepAnalysis.Speed speed = speeds().get(i);
      try (RecordFolder<Trial> part =
          TtftFiles.open(files.part(parts.get(i)), speed.plan(), Samples.environment(), false)) {
        speed.trials().forEach(trial -> part.finished(trial, 1));
        TtftFiles.result(
            part, speed.plan(), Samples.environment(), speed.summary(), speed.trials());
      }
    }
    files.result(plan(), Samples.environment(), parts, summary());
  }

  private static List<Trial> trials(TtftPlan plan) {
    List<Trial> trials = new ArrayList<>();
    for (int number = 0; number < plan.trials(); number++) {
      List<ArmRun> runs = new ArrayList<>();
      boolean invalid =
          number == 0 && plan.source().filter(of -> of.bytesPerSecond().isEmpty()).isPresent();
      for (NamedArm arm : plan.arms()) {
        runs.add(
            new ArmRun(
                arm.name(),
                runs.size(),
                Samples.START,
                ROWS,
                Optional.of(answer(plan, arm.name(), number)),
                invalid ? Optional.of("rows from host: 9, expected 48") : Optional.empty(),
                Optional.empty()));
      }
      trials.add(
          new Trial(
              Phase.MEASURED,
              plan.lengths().get(0),
              number,
              new Origin(0, "gpu1:50051", "GPU-1"),
              "prompt" + number,
              Optional.of(new Collect(3, 0, 48, 48 * 10240, 50 * MILLI, 48 * MILLI)),
              runs,
              false,
              DeviceState.UNKNOWN,
              BlockLoad.UNKNOWN));
    }
    return trials;
  }

  /** Each next prompt takes twice as long, so that pairs of different prompts stand out. */
  private static GenerateResult answer(TtftPlan plan, String arm, int number) {
    long waited = 0;
    if (plan.source().isPresent()) {
      waited = plan.source().get().bytesPerSecond().isPresent() ? LOAD_MILLIS - 2 : WAITS.get(arm);
    }
    long ttft = ((DEVICE.get(arm) + waited) << number) * MILLI;
    long sent = 1_000 * MILLI;
    long first = sent + ttft;
    return new GenerateResult(
        ImmutableIntArray.of(5),
        "",
        "max_new_tokens",
        1,
        ROWS,
        new GenerateResult.WorkerDurations(
            0, LOAD_MILLIS * MILLI, waited * MILLI, ttft - 2, 1, ttft - 1, 0),
        new CallTimes(sent, sent, first, first, ImmutableLongArray.of(first), first),
        ImmutableDoubleArray.of(),
        List.of(),
        List.of(),
        List.of(),
        plan.source().isPresent() ? Map.of("host", 48) : Map.of("device", 48),
        plan.source().isPresent()
            ? new LoadReport(
                List.of(),
                OptionalDouble.empty(),
                OptionalLong.empty(),
                OptionalLong.empty(),
                LOAD_MILLIS * MILLI)
            : LoadReport.NONE);
  }
}
