package ai.cacheblend.orchestrator.run;

import ai.cacheblend.metrics.NonInferiorityRule;
import ai.cacheblend.metrics.Verdict;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.PlanException;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.records.ArmRun;
import ai.cacheblend.orchestrator.records.BlockListener;
import ai.cacheblend.orchestrator.records.GateDecision;
import ai.cacheblend.orchestrator.records.QualitySummary;
import ai.cacheblend.orchestrator.records.Sample;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Tests after every sample whether each arm's loss against full prefill is within the margin, and
 * ends at the first decision. {@link NonInferiorityRule} keeps the error rate at any stopping time.
 *
 * <p>Samples may finish in any order. They are tested in a random order that depends on the plan
 * alone, so that the verdict does not depend on the number or speed of workers.
 */
public final class Gate implements BlockListener<Sample> {
  private static final int FIRST_INTERIM = 25;

  private enum Family {
    /** Each arm must pass. */
    ALL,
    /** Arms are tested in order; the first that does not pass ends the sequence. */
    SEQUENCE
  }

  private final QualityPlan plan;
  private final Family family;
  private final int layerCount;
  private final NamedArm baseline;
  private final SampleOrder order;
  private final Map<NamedArm, NonInferiorityRule> rules = new LinkedHashMap<>();

  /** Finished samples whose predecessors have not all finished, by index. */
  @GuardedBy("this")
  private final TreeMap<Integer, Sample> waiting = new TreeMap<>();

  /** Samples of the verdict, in the order of the test, invalid ones included. */
  @GuardedBy("this")
  private final List<Sample> tested = new ArrayList<>();

  /**
   * The samples up to an interim analysis.
   *
   * @param sampleCount number of samples, invalid ones included
   */
  public record Interim(int sampleCount, QualitySummary summary) {}

  /**
   * A gate over the samples of a plan.
   *
   * @param layerCount of the model
   * @throws PlanException if the plan lacks full_prefill or an arm to compare with it
   */
  public Gate(QualityPlan plan, int layerCount) {
    this(plan, SampleOrder.random(plan), Family.ALL, layerCount);
  }

  private Gate(QualityPlan plan, SampleOrder order, Family family, int layerCount) {
    requireArms(plan);
    this.plan = plan;
    this.family = family;
    this.layerCount = layerCount;
    this.baseline = plan.baseline().orElseThrow();
    this.order = order;
    plan.arms().stream()
        .filter(arm -> !arm.equals(baseline))
        .forEach(arm -> rules.put(arm, new NonInferiorityRule(plan.margin())));
  }

  /**
   * A gate over a sequence of arms: it passes if the first arm does, and chooses the last arm
   * before the first that does not pass. Fixed-sequence testing: a wrong pass of any arm needs one
   * of the first arm of the sequence whose loss is too large, so its probability is that of one
   * test.
   *
   * @param plan whose arms are in the order of the sequence, behind full prefill
   * @param order of samples that had no part in the choice of the sequence
   */
  public static Gate inSequence(QualityPlan plan, SampleOrder order, int layerCount) {
    return new Gate(plan, order, Family.SEQUENCE, layerCount);
  }

  /** The plan, which must have full_prefill and an arm to compare with it. */
  public static QualityPlan requireArms(QualityPlan plan) {
    PlanException.require(
        plan.baseline().isPresent() && plan.arms().size() > 1,
        "arms is "
            + plan.arms().stream().map(NamedArm::name).toList()
            + "; a gate needs full_prefill and one other arm or more");
    return plan;
  }

  @Override
  public synchronized void finished(Sample sample, double weight) {
    add(sample);
  }

  /** Adds a sample, once. Samples after the decision are not tested. */
  public synchronized void add(Sample sample) {
    waiting.put(sample.index(), sample);
    Optional<Sample> next = next();
    while (next.isPresent() && !isDecided()) {
      tested.add(next.get());
      test(next.get());
      next = next();
    }
  }

  @GuardedBy("this")
  private Optional<Sample> next() {
    return tested.size() < order.indices().size()
        ? Optional.ofNullable(waiting.remove(order.indices().get(tested.size())))
        : Optional.empty();
  }

  /** The order in which the samples are tested. */
  public SampleOrder order() {
    return order;
  }

  private void test(Sample sample) {
    if (!sample.valid()) {
      return;
    }
    ArmRun full = sample.armRun(baseline.name());
    rules.forEach(
        (arm, rule) ->
            rule.add(
                full.score(plan.metric()),
                sample.armRun(arm.name()).score(plan.metric()),
                full.score().orElseThrow().isEmpty()));
  }

  /** Whether further samples cannot change the verdict. */
  public synchronized boolean isDecided() {
    if (family == Family.ALL) {
      return verdict().isDecided();
    }
    return firstNotPassed().map(entry -> entry.getValue().isDecided()).orElse(true);
  }

  @GuardedBy("this")
  private Optional<Map.Entry<NamedArm, NonInferiorityRule>> firstNotPassed() {
    return rules.entrySet().stream()
        .filter(entry -> entry.getValue().verdict().outcome() != Verdict.Outcome.PASS)
        .findFirst();
  }

  /** The last arm of the sequence that passes before the first that does not. */
  public synchronized Optional<NamedArm> chosen() {
    Optional<NamedArm> end = firstNotPassed().map(Map.Entry::getKey);
    return rules.keySet().stream()
        .takeWhile(arm -> end.isEmpty() || !arm.equals(end.get()))
        .reduce((one, next) -> next);
  }

  /**
   * Fail if one arm fails, pass if every arm passes; in a sequence, that of the chosen arm, or of
   * the first if none passes. The reason names the arm.
   */
  public synchronized Verdict verdict() {
    if (family == Family.SEQUENCE) {
      return chosen()
          .map(arm -> named(arm, rules.get(arm).verdict()))
          .orElseGet(
              () ->
                  firstNotPassed()
                      .map(entry -> named(entry.getKey(), entry.getValue().verdict()))
                      .orElseThrow());
    }
    return worst(Verdict.Outcome.FAIL)
        .or(() -> worst(Verdict.Outcome.CANNOT_JUDGE))
        .or(() -> worst(Verdict.Outcome.UNDECIDED))
        .or(() -> worst(Verdict.Outcome.PASS))
        .orElseThrow();
  }

  private Optional<Verdict> worst(Verdict.Outcome outcome) {
    return rules.entrySet().stream()
        .filter(entry -> entry.getValue().verdict().outcome() == outcome)
        .findFirst()
        .map(entry -> named(entry.getKey(), entry.getValue().verdict()));
  }

  private static Verdict named(NamedArm arm, Verdict verdict) {
    return new Verdict(verdict.outcome(), arm.name() + ": " + verdict.reason());
  }

  /** The samples of the verdict, in the order of the test. */
  public synchronized List<Sample> tested() {
    return List.copyOf(tested);
  }

  /** Summary of the samples of the verdict. */
  public synchronized QualitySummary summary() {
    return QualityAnalysis.summary(plan, tested, layerCount);
  }

  /** Summaries after 25, 50, 100, … samples, for reports, and after the last one. */
  public synchronized List<Interim> interims() {
    List<Interim> interims = new ArrayList<>();
    for (int count = FIRST_INTERIM; count < tested.size(); count *= 2) {
      interims.add(interim(count));
    }
    interims.add(interim(tested.size()));
    return interims;
  }

  @GuardedBy("this")
  private Interim interim(int count) {
    return new Interim(count, QualityAnalysis.summary(plan, tested.subList(0, count), layerCount));
  }

  /** The verdict and the interim analyses in the form of records. */
  public GateDecision decision() {
    return decision(Optional.empty());
  }

  /**
   * The same.
   *
   * @param selection of the sequence
   */
  public synchronized GateDecision decision(Optional<GateDecision.Selection> selection) {
    Verdict verdict = verdict();
    List<GateDecision.Interim> analyses = new ArrayList<>();
    for (Interim interim : interims()) {
      interim
          .summary
          .arms()
          .forEach(
              (name, arm) ->
                  arm.comparison()
                      .ifPresent(
                          comparison ->
                              analyses.add(
                                  new GateDecision.Interim(
                                      name,
                                      interim.sampleCount,
                                      comparison.armMinusFullPrefill(),
                                      comparison.identicalShare()))));
    }
    return new GateDecision(
        verdict.outcome().id(),
        verdict.reason(),
        plan.margin(),
        NonInferiorityRule.ALPHA,
        NonInferiorityRule.samplesToPass(plan.margin()),
        analyses,
        selection);
  }
}
