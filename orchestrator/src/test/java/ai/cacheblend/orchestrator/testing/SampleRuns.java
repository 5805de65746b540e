package ai.cacheblend.orchestrator.testing;

import ai.cacheblend.orchestrator.client.CallTimes;
import ai.cacheblend.orchestrator.client.DeviceState;
import ai.cacheblend.orchestrator.client.GenerateResult;
import ai.cacheblend.orchestrator.client.LayerScores;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.RowCounts;
import ai.cacheblend.orchestrator.plan.RowLayers;
import ai.cacheblend.orchestrator.plan.TtftPlan;
import ai.cacheblend.orchestrator.plan.WarmUp;
import ai.cacheblend.orchestrator.records.ArmRun;
import ai.cacheblend.orchestrator.records.BlockLoad;
import ai.cacheblend.orchestrator.records.Collect;
import ai.cacheblend.orchestrator.records.Example;
import ai.cacheblend.orchestrator.records.ExampleFile;
import ai.cacheblend.orchestrator.records.Origin;
import ai.cacheblend.orchestrator.records.Phase;
import ai.cacheblend.orchestrator.records.QualityFiles;
import ai.cacheblend.orchestrator.records.RecordFolder;
import ai.cacheblend.orchestrator.records.Sample;
import ai.cacheblend.orchestrator.records.SweepFiles;
import ai.cacheblend.orchestrator.records.Trial;
import ai.cacheblend.orchestrator.records.TtftFiles;
import ai.cacheblend.orchestrator.run.Gate;
import ai.cacheblend.orchestrator.run.QualityAnalysis;
import ai.cacheblend.orchestrator.run.TtftAnalysis;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.ImmutableLongArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** Folders of runs, written by the code that writes real ones. */
public final class SampleRuns {
  /** Text that needs escaping in HTML and CSV. */
  public static final String AWKWARD = "</mark><script>alert(\"1 & 2, 'x'\")</script>";

  private static final RowCounts ROWS = new RowCounts(64, 26, 5, 33, new RowLayers(0, 0));
  private static final double MEAN_MILLIS = 100;
  private static final double SPREAD = 0.01;

  private SampleRuns() {}

  /** The runs of {@link Samples}, with an example prompt each, in separate folders. */
  public static void small(Path folder) {
    try (RecordFolder<Trial> files =
        TtftFiles.open(folder.resolve("ttft"), Samples.ttftPlan(), Samples.environment(), false)) {
      Samples.trials().forEach(trial -> files.finished(trial, 1));
      TtftFiles.result(
          files,
          Samples.ttftPlan(),
          Samples.environment(),
          TtftAnalysis.summary(Samples.ttftPlan(), Samples.trials(), Samples.LAYERS),
          Samples.trials());
    }
    try (RecordFolder<Sample> files =
        QualityFiles.open(
            folder.resolve("pocketwiki"), Samples.qualityPlan(), Samples.environment(), false)) {
      Samples.samples().forEach(sample -> files.finished(sample, 1));
      QualityFiles.result(
          files,
          Samples.qualityPlan(),
          Samples.environment(),
          QualityAnalysis.summary(Samples.qualityPlan(), Samples.samples(), Samples.LAYERS),
          Samples.samples(),
          Optional.empty());
    }
    ExampleFile.write(folder.resolve("ttft"), List.of(example("64 tokens")));
    ExampleFile.write(folder.resolve("pocketwiki"), List.of(example("sample <0>")));
  }

  /** A sweep of which {@link #small} are the parts: one of two lengths has a valid trial. */
  public static void sweep(Path folder) {
    List<String> parts = List.of("ttft", "pocketwiki");
    SweepFiles files =
        SweepFiles.open(folder, Samples.sweepPlan(), parts, Samples.environment(), false);
    small(folder);
    files.result(Samples.sweepPlan(), Samples.environment(), parts, Samples.sweepSummary());
  }

  /** A gate with too few samples for its margin. */
  public static void gate(Path folder) {
    Gate gate = new Gate(Samples.qualityPlan(), Samples.LAYERS);
    try (RecordFolder<Sample> files =
        QualityFiles.open(folder, Samples.qualityPlan(), Samples.environment(), false)) {
      Samples.samples().forEach(sample -> files.finished(sample, 1));
      Samples.samples().forEach(gate::add);
      QualityFiles.result(
          files,
          Samples.qualityPlan(),
          Samples.environment(),
          QualityAnalysis.summary(Samples.qualityPlan(), Samples.samples(), Samples.LAYERS),
          Samples.samples(),
          Optional.of(gate.decision()));
    }
  }

  /** Seven tokens: BOS, a chunk of four of which two are recomputed, and two plain tokens. */
  static Example example(String label) {
    return new Example(
        label,
        List.of(
            new Example.Segment(false, ImmutableIntArray.of(1), List.of("")),
            new Example.Segment(
                true,
                ImmutableIntArray.of(7, 8, 9, 10),
                List.of("Once", " upon", AWKWARD, " time")),
            new Example.Segment(
                false, ImmutableIntArray.of(11, 12), List.of(" a", " <question>?"))),
        Map.of(
            "cacheblend",
            new Example.Selection(
                List.of(0, 3, 4, 5, 6),
                List.of(
                    new LayerScores(
                        1,
                        List.of(
                            new LayerScores.RowScore(1, 0.5),
                            new LayerScores.RowScore(2, 0.25),
                            new LayerScores.RowScore(3, 4),
                            new LayerScores.RowScore(4, 2)))))));
  }

  /**
   * A TTFT run of noisy trials.
   *
   * @param seed of the noise
   * @param slowdown all times are so many times longer
   * @param prompts runs with equal values have the same prompts
   */
  public static void noisy(Path folder, long seed, double slowdown, String prompts) {
    TtftPlan plan = noisyPlan();
    Random random = new Random(seed);
    List<Trial> trials = new ArrayList<>();
    for (int length : plan.lengths()) {
      for (int number = 0; number < plan.trials(); number++) {
        trials.add(trial(plan, length, number, prompts, slowdown, random));
      }
    }
    try (RecordFolder<Trial> files = TtftFiles.open(folder, plan, Samples.environment(), false)) {
      trials.forEach(trial -> files.finished(trial, 1));
      TtftFiles.result(
          files,
          plan,
          Samples.environment(),
          TtftAnalysis.summary(plan, trials, Samples.LAYERS),
          trials);
    }
  }

  private static TtftPlan noisyPlan() {
    return new TtftPlan(
        List.of(64, 128),
        8,
        new WarmUp(1, 4, 3, 0.1),
        512,
        TtftPlan.Suffix.ofTokens(32),
        Samples.ARMS.subList(0, 3),
        10,
        7,
        List.of("gpu1:50051"));
  }

  private static Trial trial(
      TtftPlan plan, int length, int number, String prompts, double slowdown, Random random) {
    List<ArmRun> runs = new ArrayList<>();
    for (NamedArm arm : plan.arms()) {
      double share = arm.name().equals("full_prefill") ? 1 : 0.25;
      double millis =
          MEAN_MILLIS
              * length
              / 64
              * share
              * slowdown
              * Math.exp(SPREAD * random.nextGaussian() + 0.05 * number);
      runs.add(
          new ArmRun(
              arm.name(),
              runs.size(),
              Samples.START,
              ROWS,
              Optional.of(answer((long) (millis * 1e6))),
              Optional.empty(),
              Optional.empty()));
    }
    return new Trial(
        Phase.MEASURED,
        length,
        number,
        new Origin(0, "gpu1:50051", "GPU-1"),
        prompts + length + number,
        Optional.of(new Collect(1, 0, 31, 31 * 10240, 50_000_000, 48_000_000)),
        runs,
        false,
        DeviceState.UNKNOWN,
        BlockLoad.UNKNOWN);
  }

  private static GenerateResult answer(long ttftNanos) {
    long sent = 1_000_000_000;
    long first = sent + ttftNanos;
    return new GenerateResult(
        ImmutableIntArray.of(5, 6),
        "",
        "max_new_tokens",
        2,
        ROWS,
        new GenerateResult.WorkerDurations(
            1000, 0, 0, ttftNanos - 3000, 1000, ttftNanos - 2000, 9000),
        new CallTimes(sent, sent, first, first, ImmutableLongArray.of(first, first), first),
        ImmutableDoubleArray.of(),
        List.of(),
        List.of(),
        List.of());
  }

  /** Replaces a text in a file of a run. */
  public static void edit(Path file, String text, String replacement) throws IOException {
    String content = Files.readString(file);
    if (!content.contains(text)) {
      throw new IllegalArgumentException(file + " does not contain '" + text + "'");
    }
    Files.writeString(file, content.replace(text, replacement));
  }
}
