package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.plan.Arm;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.plan.Selector;
import ai.cacheblend.orchestrator.records.GateDecision;
import ai.cacheblend.orchestrator.records.QualitySummary;
import ai.cacheblend.orchestrator.records.Sample;
import ai.cacheblend.orchestrator.records.ScoreDifference;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Chooses the arms that a gate tests, and their order, on samples that it does not test on.
 *
 * <p>The sequence has the arms whose mean score is higher than that of every cheaper arm, and lower
 * than full prefill's by less than the margin; or the best arm if there is none. The most expensive
 * is first: losses grow along the sequence, so that its last arm that passes is the cheapest.
 *
 * @param samples valid samples of the selection
 * @param candidates by charged budget
 */
public record ArmSelection(
    QualityPlan plan,
    int samples,
    List<GateDecision.Candidate> candidates,
    List<NamedArm> sequence) {
  public ArmSelection {
    candidates = List.copyOf(candidates);
    sequence = List.copyOf(sequence);
  }

  /** Whether the arm may be chosen: full prefill is the baseline, random rows are a control. */
  public static boolean isCandidate(NamedArm arm) {
    return !(arm.arm() instanceof Arm.FullPrefill)
        && !(arm.arm() instanceof Arm.CacheBlend blend
            && blend.selector() instanceof Selector.RandomRows);
  }

  /**
   * Selects on these samples.
   *
   * @param layerCount of the model
   * @throws RunFailedException if no sample is valid
   */
  public static ArmSelection of(QualityPlan plan, List<Sample> selection, int layerCount) {
    QualitySummary summary = QualityAnalysis.summary(plan, selection, layerCount);
    if (summary.n() == 0) {
      throw new RunFailedException("no sample of the selection is valid; see the samples above");
    }
    List<GateDecision.Candidate> candidates =
        plan.arms().stream()
            .filter(ArmSelection::isCandidate)
            .map(arm -> candidate(arm.name(), summary.arms().get(arm.name())))
            .sorted(
                Comparator.comparingDouble(GateDecision.Candidate::chargedBudget)
                    .thenComparing(
                        Comparator.comparingDouble(GateDecision.Candidate::difference).reversed()))
            .toList();
    Map<String, NamedArm> byName =
        plan.arms().stream().collect(Collectors.toMap(NamedArm::name, Function.identity()));
    return new ArmSelection(
        plan,
        summary.n(),
        candidates,
        sequence(candidates, plan.margin()).stream().map(c -> byName.get(c.arm())).toList());
  }

  private static GateDecision.Candidate candidate(String name, QualitySummary.Arm arm) {
    return new GateDecision.Candidate(
        name, arm.chargedBudget(), arm.armMinusFullPrefill().orElseThrow().mean());
  }

  private static List<GateDecision.Candidate> sequence(
      List<GateDecision.Candidate> byBudget, double margin) {
    List<GateDecision.Candidate> frontier = new ArrayList<>();
    for (GateDecision.Candidate candidate : byBudget) {
      if (frontier.isEmpty()
          || candidate.difference() > frontier.get(frontier.size() - 1).difference()) {
        frontier.add(candidate);
      }
    }
    List<GateDecision.Candidate> promising =
        new ArrayList<>(frontier.stream().filter(c -> c.difference() > -margin).toList());
    if (promising.isEmpty()) {
      promising.add(frontier.get(frontier.size() - 1));
    }
    Collections.reverse(promising);
    return promising;
  }

  /** The plan of the test: full prefill, then the sequence. */
  public QualityPlan testPlan() {
    List<NamedArm> arms = new ArrayList<>();
    arms.add(plan.baseline().orElseThrow());
    arms.addAll(sequence);
    return plan.withArms(arms);
  }

  /** In the form of records. */
  public GateDecision.Selection record(Gate gate) {
    return new GateDecision.Selection(
        samples,
        candidates,
        sequence.stream().map(NamedArm::name).toList(),
        gate.chosen().map(NamedArm::name),
        sentence(gate));
  }

  /** The answer with its evidence. */
  public String sentence(Gate gate) {
    String tried =
        AdviceText.text(
            "%d candidates compared on %d samples, %d tested in sequence on %d others",
            candidates.size(), samples, sequence.size(), gate.summary().n());
    Optional<NamedArm> chosen = gate.chosen();
    NamedArm arm = chosen.orElse(sequence.get(0));
    Optional<QualitySummary.Arm> result =
        Optional.ofNullable(gate.summary().arms().get(arm.name()));
    String evidence =
        result
            .map(
                of -> {
                  ScoreDifference difference = of.armMinusFullPrefill().orElseThrow();
                  return arm.name()
                      + " ("
                      + AdviceText.quality(
                          plan.dataset(),
                          plan.metric(),
                          difference,
                          of.retention(),
                          of.chargedBudget())
                      + ")";
                })
            .orElse(arm.name() + " (no valid sample)");
    return chosen.isPresent()
        ? "Use " + evidence + ": " + tried + "."
        : "Use full_prefill: the first arm of the sequence does not pass, "
            + evidence
            + "; "
            + tried
            + ".";
  }
}
