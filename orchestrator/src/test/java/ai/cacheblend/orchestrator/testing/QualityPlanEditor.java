package ai.cacheblend.orchestrator.testing;

import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.plan.Retrieval;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** A copy of a plan with other values in some fields. */
public final class QualityPlanEditor {
  private final QualityPlan base;
  private int samples;
  private OptionalInt chunkTokens;
  private Optional<Retrieval> retrieval;
  private List<NamedArm> arms;
  private double margin;
  private long seed;

  private QualityPlanEditor(QualityPlan base) {
    this.base = base;
    this.samples = base.samples();
    this.chunkTokens = base.chunkTokens();
    this.retrieval = base.retrieval();
    this.arms = base.arms();
    this.margin = base.margin();
    this.seed = base.seed();
  }

  public static QualityPlanEditor of(QualityPlan base) {
    return new QualityPlanEditor(base);
  }

  public QualityPlanEditor samples(int count) {
    samples = count;
    return this;
  }

  /** Chunks by retrieval, in place of a limit of the prompt. */
  public QualityPlanEditor retrieval(Retrieval of, int tokens) {
    retrieval = Optional.of(of);
    chunkTokens = OptionalInt.of(tokens);
    return this;
  }

  public QualityPlanEditor arms(List<NamedArm> others) {
    arms = others;
    return this;
  }

  public QualityPlanEditor margin(double loss) {
    margin = loss;
    return this;
  }

  public QualityPlanEditor seed(long value) {
    seed = value;
    return this;
  }

  public QualityPlan plan() {
    return new QualityPlan(
        base.dataset(),
        base.datasetSource(),
        base.datasetSha256(),
        base.promptsSha256(),
        samples,
        base.sampling(),
        base.prompt(),
        retrieval.isPresent() ? OptionalInt.empty() : base.maxPromptCharacters(),
        chunkTokens,
        retrieval,
        base.metric(),
        arms,
        margin,
        seed,
        base.workers());
  }
}
