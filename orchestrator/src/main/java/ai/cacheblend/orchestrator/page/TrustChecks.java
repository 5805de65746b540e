package ai.cacheblend.orchestrator.page;

import ai.cacheblend.metrics.NonInferiorityRule;
import ai.cacheblend.orchestrator.page.chart.Numbers;
import ai.cacheblend.orchestrator.records.ArmRun;
import ai.cacheblend.orchestrator.records.Block;
import ai.cacheblend.orchestrator.records.BlockLoad;
import ai.cacheblend.orchestrator.records.QualityResult;
import ai.cacheblend.orchestrator.records.Sample;
import ai.cacheblend.orchestrator.records.Trial;
import ai.cacheblend.orchestrator.records.TtftResult;
import ai.cacheblend.orchestrator.records.WarmUpReport;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Checks of noise, drift, load, outliers, invalid blocks, number of samples and floor. */
final class TrustChecks {
  /** Largest half width of the interval of a speed-up, as a ratio. */
  private static final double NOISE_LIMIT = 1.15;

  /** Largest accepted share of flagged arm runs. */
  private static final double OUTLIER_LIMIT = 0.05;

  private final List<TtftResult> ttfts;
  private final List<QualityResult> qualities;
  private final List<ArmOverview> overviews;
  private final List<TrustCheck> checks = new ArrayList<>();

  private TrustChecks(List<NamedResult> runs, List<ArmOverview> overviews) {
    this.ttfts = runs.stream().flatMap(NamedResult::ttft).toList();
    this.qualities = runs.stream().flatMap(NamedResult::quality).toList();
    this.overviews = overviews;
  }

  static List<TrustCheck> of(List<NamedResult> runs, List<ArmOverview> overviews) {
    TrustChecks trust = new TrustChecks(runs, overviews);
    trust.noise();
    trust.warmUp();
    if (!trust.ttfts.isEmpty() || !trust.qualities.isEmpty()) {
      trust.load();
      trust.outliers();
      trust.invalid();
    }
    runs.stream().flatMap(NamedResult::load).forEach(load -> LoadTrust.add(trust.checks, load));
    trust.qualities.forEach(trust::samples);
    trust.qualities.forEach(trust::floor);
    trust.qualities.forEach(trust::prompts);
    return List.copyOf(trust.checks);
  }

  /** The widest interval of the speed-ups in the overview. */
  private void noise() {
    List<ArmOverview.Speed> speeds =
        overviews.stream().flatMap(overview -> overview.speeds().stream()).toList();
    if (speeds.isEmpty()) {
      return;
    }
    if (speeds.stream().anyMatch(speed -> !Double.isFinite(speed.speedUp().low95()))) {
      add("noise", false, "a speed-up of one block has no interval; measure 5 trials or more");
      return;
    }
    double widest =
        speeds.stream()
            .map(ArmOverview.Speed::speedUp)
            .mapToDouble(s -> Math.sqrt(s.high95() / s.low95()))
            .max()
            .orElseThrow();
    long unresolved = speeds.stream().filter(speed -> !speed.speedUp().resolved()).count();
    add(
        "noise",
        widest <= NOISE_LIMIT && unresolved == 0,
        unresolved > 0
            ? Numbers.text(
                "%d of %d speed-ups not resolved: their intervals include 1",
                unresolved, speeds.size())
            : Numbers.text(
                "half width of the widest 95 %% interval: a factor of %s (limit %s)",
                Numbers.three(widest), Numbers.three(NOISE_LIMIT)));
  }

  private void warmUp() {
    List<WarmUpReport> warmUps =
        ttfts.stream().flatMap(run -> run.summary().warmUps().stream()).toList();
    long stable = warmUps.stream().filter(w -> w.stable().orElse(false)).count();
    long unknown = warmUps.stream().filter(w -> w.stable().isEmpty()).count();
    if (!warmUps.isEmpty()) {
      add(
          "warm-up",
          stable == warmUps.size(),
          Numbers.text("stable in %d of %d%s", stable, warmUps.size(), suffix(unknown)));
    }
  }

  private static String suffix(long unknown) {
    return unknown == 0 ? "" : Numbers.text("; %d too short to judge", unknown);
  }

  /** Throttled devices and the warnings of the runs, such as a busy machine. */
  private void load() {
    List<Trial> trials = ttfts.stream().flatMap(TrustChecks::valid).toList();
    long throttled = trials.stream().filter(Trial::throttled).count();
    Set<String> warnings = new LinkedHashSet<>();
    List<Block> ofBusyRuns = new ArrayList<>();
    for (TtftResult run : ttfts) {
      List<Trial> valid = valid(run).toList();
      List<String> busy = BlockLoad.warnings(valid);
      if (!busy.isEmpty()) {
        ofBusyRuns.addAll(valid);
      }
      run.summary().warnings().stream().filter(line -> !busy.contains(line)).forEach(warnings::add);
    }
    for (QualityResult run : qualities) {
      List<Sample> valid = run.samples().stream().filter(Sample::valid).toList();
      if (!BlockLoad.warnings(valid).isEmpty()) {
        ofBusyRuns.addAll(valid);
      }
    }
    List<String> findings = new ArrayList<>();
    if (throttled > 0) {
      findings.add(Numbers.text("device throttled in %d of %d trials", throttled, trials.size()));
    }
    findings.addAll(BlockLoad.warnings(ofBusyRuns));
    findings.addAll(warnings);
    boolean recorded =
        Stream.concat(trials.stream(), qualities.stream().flatMap(run -> run.samples().stream()))
            .anyMatch(block -> !block.load().equals(BlockLoad.UNKNOWN));
    if (findings.isEmpty() && !recorded) {
      findings.add("the load of the machine was not recorded");
    }
    add(
        "load",
        findings.isEmpty(),
        findings.isEmpty()
            ? "machine not busy, device not throttled"
            : String.join("; ", findings));
  }

  private static Stream<Trial> valid(TtftResult run) {
    return run.trials().stream().filter(trial -> trial.measured() && trial.valid());
  }

  private void outliers() {
    if (ttfts.isEmpty()) {
      return;
    }
    long flagged =
        ttfts.stream()
            .flatMap(run -> run.rows().stream())
            .flatMap(row -> row.arms().values().stream())
            .mapToLong(arm -> arm.outliers().size())
            .sum();
    long all = ttfts.stream().flatMap(TrustChecks::valid).mapToLong(t -> t.armRuns().size()).sum();
    add(
        "outliers",
        flagged <= OUTLIER_LIMIT * all,
        Numbers.text("%d of %d measurements flagged; all are included", flagged, all));
  }

  private void invalid() {
    List<Block> blocks = new ArrayList<>();
    ttfts.forEach(run -> run.trials().stream().filter(Trial::measured).forEach(blocks::add));
    qualities.forEach(run -> blocks.addAll(run.samples()));
    long invalid = blocks.stream().filter(block -> !block.valid()).count();
    long empty =
        ttfts.stream().flatMap(run -> run.rows().stream()).filter(row -> row.n() == 0).count();
    add(
        "invalid blocks",
        invalid == 0,
        Numbers.text(
            "%d of %d excluded%s",
            invalid,
            blocks.size(),
            empty == 0 ? "" : Numbers.text("; %d lengths have no valid trial", empty)));
  }

  private void samples(QualityResult run) {
    margin(run)
        .ifPresent(
            margin -> {
              long needed = NonInferiorityRule.samplesToPass(margin);
              add(
                  "samples, " + data(run),
                  run.summary().n() >= needed,
                  Numbers.text(
                      "%d valid; a margin of %s needs %d or more",
                      run.summary().n(), Numbers.tick(margin), needed));
            });
  }

  private void floor(QualityResult run) {
    Optional<Double> score =
        run.header()
            .baseline()
            .flatMap(baseline -> Optional.ofNullable(run.arms().get(baseline.name())))
            .map(arm -> arm.scores().get(run.metric()).mean());
    if (score.isEmpty() || margin(run).isEmpty()) {
      return;
    }
    double limit = NonInferiorityRule.FLOOR_FACTOR * margin(run).get();
    String baseline = run.header().baseline().orElseThrow().name();
    long empty =
        run.samples().stream()
            .flatMap(sample -> sample.armRuns().stream())
            .filter(armRun -> armRun.arm().equals(baseline))
            .filter(armRun -> armRun.score().map(ArmRun.Score::isEmpty).orElse(false))
            .count();
    add(
        "floor, " + data(run),
        score.get() > limit && empty * 2 < run.samples().size(),
        Numbers.text(
            "full prefill scores %s (floor %s)%s",
            Numbers.score(score.get()),
            Numbers.tick(limit),
            empty == 0 ? "" : Numbers.text("; %d of its answers are empty", empty)));
  }

  /** Prompts that lack documents are easier or harder than the published ones. */
  private void prompts(QualityResult run) {
    int shortened = run.summary().shortened();
    if (shortened > 0) {
      add(
          "prompts, " + data(run),
          false,
          Numbers.text("%d of %d were too long and lack documents", shortened, run.summary().n()));
    }
  }

  private static String data(QualityResult run) {
    return run.dataset()
        + run.chunkTokens().map(size -> Numbers.text(" in chunks of %d", size)).orElse("");
  }

  private static Optional<Double> margin(QualityResult run) {
    return run.arms().values().stream()
        .flatMap(arm -> arm.armMinusFullPrefill().stream())
        .map(difference -> difference.margin())
        .findFirst();
  }

  private void add(String name, boolean holds, String finding) {
    checks.add(new TrustCheck(name, holds, finding));
  }
}
