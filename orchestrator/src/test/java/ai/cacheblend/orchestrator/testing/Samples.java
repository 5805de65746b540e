package ai.cacheblend.orchestrator.testing;

import ai.cacheblend.host.Build;
import ai.cacheblend.orchestrator.client.CallTimes;
import ai.cacheblend.orchestrator.client.DeviceState;
import ai.cacheblend.orchestrator.client.GenerateResult;
import ai.cacheblend.orchestrator.client.StepCounts;
import ai.cacheblend.orchestrator.client.WorkerDescription;
import ai.cacheblend.orchestrator.plan.ArmDefaults;
import ai.cacheblend.orchestrator.plan.ArmSyntax;
import ai.cacheblend.orchestrator.plan.MetricKind;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.PromptTemplate;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.plan.Retrieval;
import ai.cacheblend.orchestrator.plan.RowCounts;
import ai.cacheblend.orchestrator.plan.RowLayers;
import ai.cacheblend.orchestrator.plan.Sampling;
import ai.cacheblend.orchestrator.plan.SweepPlan;
import ai.cacheblend.orchestrator.plan.TtftPlan;
import ai.cacheblend.orchestrator.plan.WarmUp;
import ai.cacheblend.orchestrator.records.ArmRun;
import ai.cacheblend.orchestrator.records.BlockLoad;
import ai.cacheblend.orchestrator.records.Collect;
import ai.cacheblend.orchestrator.records.Environment;
import ai.cacheblend.orchestrator.records.MachineLoad;
import ai.cacheblend.orchestrator.records.Origin;
import ai.cacheblend.orchestrator.records.Phase;
import ai.cacheblend.orchestrator.records.Sample;
import ai.cacheblend.orchestrator.records.SweepSummary;
import ai.cacheblend.orchestrator.records.Trial;
import ai.cacheblend.orchestrator.records.WorkerInfo;
import ai.cacheblend.orchestrator.run.QualityAnalysis;
import ai.cacheblend.orchestrator.run.SweepAnalysis;
import ai.cacheblend.orchestrator.run.TtftAnalysis;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.ImmutableLongArray;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/** A small run of each kind, with round figures. */
public final class Samples {
  public static final Instant START = Instant.parse("2026-01-02T03:04:05Z");
  public static final List<NamedArm> ARMS =
      ArmSyntax.parseAll(
          "full_prefill,full_kv_reuse,cacheblend,chunk-head:k=4", ArmDefaults.seed(0));

  private static final PromptTemplate PROMPT =
      new PromptTemplate(
          "",
          "Read.\n",
          "{title}\n{text}\n",
          "Q: {question}",
          "",
          Optional.empty(),
          32,
          List.of("\n"),
          MetricKind.WORD_F1,
          false,
          Optional.empty());

  private static final Build BUILD = new Build("0.1.0", Optional.of("c0ffee"), true, "c0de5");

  private static final Origin ORIGIN = new Origin(0, "gpu1:50051", "GPU-1");

  /** Rows of trials hold the ids alone. */
  private static final String NO_TEXT = "";

  /** Layers of the model. */
  public static final int LAYERS = 10;

  private static final long MILLI = 1_000_000;
  private static final RowCounts ROWS = new RowCounts(64, 26, 5, 33, new RowLayers(50, 33));

  private Samples() {}

  public static Environment environment() {
    return environment("");
  }

  /**
   * The environment with a worker.
   *
   * @param tierKv number format of its tiers; empty without tiers
   */
  public static Environment environment(String tierKv) {
    WorkerDescription description =
        new WorkerDescription(
            new WorkerDescription.Model(
                "pocket",
                "MistralForCausalLM",
                "f00d",
                "fp32",
                10,
                256,
                768,
                8,
                2,
                64,
                4096,
                8192,
                0,
                List.of(1, 2),
                OptionalInt.of(1),
                List.of(2),
                "c0de",
                10240,
                "5eed",
                "/models/pocket",
                WorkerDescription.ChatFormat.NONE),
            new WorkerDescription.Device(
                "cuda", "Some GPU", 2, "", ImmutableMap.of("sm_clock_mhz", 1980, "uuid", "GPU-1")),
            new WorkerDescription.Limits(8192, 64),
            new WorkerDescription.Memory(64, 1L << 30, 4L << 30, Set.of(), tierKv),
            new WorkerDescription.Versions(BUILD, "11b", true, "1.28.0", "17"),
            new WorkerDescription.Launch(List.of("--threads=2"), List.of("-Xmx2g")),
            StepCounts.NONE,
            Optional.empty(),
            "1d");
    return new Environment(
        START,
        BUILD,
        List.of("ttft", "--lengths", "64"),
        "Some VM 17",
        List.of("-Xmx1g"),
        "Linux 6 amd64",
        "Linux version 6",
        "Some CPU",
        2,
        Optional.of("performance"),
        "da7a",
        List.of(new WorkerInfo("gpu1:50051", description)));
  }

  public static TtftPlan ttftPlan() {
    return new TtftPlan(
        List.of(64, 128),
        3,
        new WarmUp(1, 4, 3, 0.1),
        512,
        TtftPlan.Suffix.ofTokens(32),
        ARMS,
        10,
        7,
        List.of("gpu1:50051"));
  }

  /** Three trials of 64 tokens, the last one invalid; one invalid of 128. */
  public static List<Trial> trials() {
    return List.of(
        trial(Phase.WARMUP, 64, 0, 900, Optional.empty()),
        trial(Phase.MEASURED, 64, 0, 100, Optional.empty()),
        trial(Phase.MEASURED, 64, 1, 120, Optional.empty()),
        trial(Phase.MEASURED, 64, 2, 900, Optional.of("reused rows: 1, expected 26")),
        trial(Phase.MEASURED, 128, 0, 900, Optional.of("new tokens: 9, expected 10")));
  }

  private static Trial trial(
      Phase phase, int length, int number, long fullMillis, Optional<String> problem) {
    List<ArmRun> runs = new ArrayList<>();
    for (NamedArm arm : ARMS) {
      long millis = arm.name().equals("full_prefill") ? fullMillis : fullMillis / 4;
      runs.add(
          new ArmRun(
              arm.name(),
              runs.size(),
              START,
              ROWS,
              Optional.of(answer(millis, NO_TEXT)),
              runs.isEmpty() ? problem : Optional.empty(),
              Optional.empty()));
    }
    return new Trial(
        phase,
        length,
        number,
        ORIGIN,
        "babe",
        Optional.of(new Collect(1, 0, 31, 31 * 10240, 50 * MILLI, 48 * MILLI)),
        runs,
        false,
        new DeviceState(
            fullMillis == 120 ? List.of("sw_thermal_slowdown") : List.of(),
            ImmutableMap.of("sm_clock_mhz", 1980, "temperature_celsius", 54)),
        new BlockLoad(machine(0.1), Optional.empty()));
  }

  /** A machine with two processors. */
  public static MachineLoad machine(double cpuPressure) {
    return new MachineLoad(
        2,
        OptionalDouble.of(1.5),
        OptionalDouble.of(cpuPressure),
        OptionalDouble.of(0),
        OptionalDouble.of(0.01),
        OptionalDouble.of(0.02),
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        OptionalLong.of(8_000_000_000L),
        OptionalDouble.of(2600));
  }

  private static GenerateResult answer(long ttftMillis, String text) {
    long sent = 1_000 * MILLI;
    long first = sent + ttftMillis * MILLI;
    return new GenerateResult(
        ImmutableIntArray.of(5, 6),
        text,
        "max_new_tokens",
        2,
        ROWS,
        new GenerateResult.WorkerDurations(
            MILLI,
            3 * MILLI,
            MILLI,
            (ttftMillis - 3) * MILLI,
            MILLI,
            (ttftMillis - 2) * MILLI,
            9 * MILLI),
        new CallTimes(
            sent - MILLI,
            sent,
            first - MILLI,
            first,
            ImmutableLongArray.of(first, first + 9 * MILLI),
            first + 10 * MILLI),
        ImmutableDoubleArray.of(),
        List.of(),
        List.of(),
        List.of());
  }

  public static QualityPlan qualityPlan() {
    return qualityPlan(Optional.empty());
  }

  /** The same with retrieval, or without. */
  public static QualityPlan qualityPlan(Optional<Retrieval> retrieval) {
    return new QualityPlan(
        "pocketwiki",
        "pocketwiki",
        "da7a",
        "cafe",
        3,
        Sampling.FIRST,
        PROMPT,
        retrieval.isEmpty() ? OptionalInt.of(9000) : OptionalInt.empty(),
        OptionalInt.empty(),
        retrieval,
        "word_f1_longbench",
        ARMS,
        0.02,
        7,
        List.of("gpu1:50051"));
  }

  /** Of the parts {@link #ttftPlan} and {@link #qualityPlan}. */
  public static SweepPlan sweepPlan() {
    return new SweepPlan(
        ARMS,
        new SweepPlan.Speed(
            List.of(512),
            List.of(),
            ttftPlan().lengths(),
            ttftPlan().suffix(),
            ttftPlan().trials(),
            ttftPlan().warmUp(),
            ttftPlan().maxNewTokens(),
            List.of()),
        List.of(
            new SweepPlan.Data(
                "pocketwiki",
                3,
                Optional.of(PROMPT),
                OptionalInt.of(9000),
                Optional.empty(),
                OptionalInt.of(32),
                0.02,
                Optional.of("da7a"),
                Optional.of("cafe"))),
        7,
        List.of("gpu1:50051"));
  }

  public static SweepSummary sweepSummary() {
    return SweepAnalysis.summary(
        List.of(
            new SweepAnalysis.Speed(
                ttftPlan(), trials(), TtftAnalysis.summary(ttftPlan(), trials(), LAYERS))),
        List.of(
            new SweepAnalysis.Quality(
                qualityPlan(),
                samples(),
                QualityAnalysis.summary(qualityPlan(), samples(), LAYERS))),
        1);
  }

  /** Three samples, the last one invalid. */
  public static List<Sample> samples() {
    return List.of(
        sample(0, 1.0, 0.5, Optional.empty()),
        sample(1, 0.5, 0.5, Optional.empty()),
        sample(2, 1.0, 0.0, Optional.of("cacheblend: computed rows: 1, expected 33")));
  }

  private static Sample sample(
      int index, double fullScore, double otherScore, Optional<String> problem) {
    List<ArmRun> answers = new ArrayList<>();
    for (NamedArm arm : ARMS) {
      double score = arm.name().equals("full_prefill") ? fullScore : otherScore;
      answers.add(
          new ArmRun(
              arm.name(),
              answers.size(),
              START,
              ROWS,
              Optional.of(answer(40, "an answer")),
              Optional.empty(),
              Optional.of(new ArmRun.Score("an answer", Map.of("word_f1_longbench", score)))));
    }
    return new Sample(
        index,
        "item-" + index,
        "bridge",
        "who <did> it?",
        List.of("the answer"),
        ORIGIN,
        START,
        "babe",
        64,
        31,
        0,
        Optional.empty(),
        Optional.of(new Collect(1, 1, 31, 31 * 10240, MILLI, 0)),
        answers,
        problem,
        false,
        DeviceState.UNKNOWN,
        BlockLoad.UNKNOWN);
  }
}
