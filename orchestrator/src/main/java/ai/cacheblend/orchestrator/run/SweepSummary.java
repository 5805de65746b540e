package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.plan.TtftPlan;
import com.google.common.primitives.ImmutableDoubleArray;
import java.util.ArrayList;
import java.util.List;

/**
 * Every arm with every prompt shape and data set: how fast, how good, and whether another is both.
 *
 * @param points without those whose prompt shape or data set has no valid block
 * @param complete whether none is left out
 */
public record SweepSummary(List<Point> points, boolean complete) {
  private static final double NANOS_PER_SECOND = 1e9;

  /** What was measured with one chunk size. */
  public record Speed(TtftPlan plan, List<TtftTrial> trials, TtftSummary summary) {}

  /** What was measured on one data set. */
  public record Quality(QualityPlan plan, List<SampleResult> samples, QualitySummary summary) {}

  /**
   * One arm.
   *
   * @param chunkCount chunks of a prompt, of which the last may be shorter than the others
   * @param place on the frontier of all arms with this prompt shape and data set
   */
  public record Point(
      String arm,
      int chunkTokens,
      int chunkCount,
      int length,
      QualityPlan data,
      TtftSummary.ArmFigures speed,
      QualitySummary.ArmFigures quality,
      Frontier.Place place) {}

  public SweepSummary {
    points = List.copyOf(points);
  }

  /** Points by data set, chunk size, length and arm, in the plans' orders. */
  public static SweepSummary of(List<Speed> speeds, List<Quality> qualities, int bosCount) {
    List<Point> points = new ArrayList<>();
    boolean complete = true;
    for (Quality quality : qualities) {
      for (Speed speed : speeds) {
        for (TtftSummary.Row row : speed.summary.rows()) {
          boolean known = row.validCount() > 0 && quality.summary.validCount() > 0;
          complete &= known;
          if (known) {
            points.addAll(points(speed, quality, row, bosCount));
          }
        }
      }
    }
    return new SweepSummary(points, complete);
  }

  private static List<Point> points(
      Speed speed, Quality quality, TtftSummary.Row row, int bosCount) {
    List<NamedArm> arms = speed.plan.arms();
    Frontier frontier =
        new Frontier(
            arms.stream()
                .map(
                    arm ->
                        new Frontier.Candidate(
                            seconds(speed, row.length(), arm), scores(quality, arm)))
                .toList());
    int cached = row.length() - bosCount - speed.plan.suffix().tokenCount(row.length());
    int chunkTokens = speed.plan.chunkTokens();
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < arms.size(); i++) {
      String arm = arms.get(i).name();
      points.add(
          new Point(
              arm,
              chunkTokens,
              (cached + chunkTokens - 1) / chunkTokens,
              row.length(),
              quality.plan,
              row.arms().get(arm),
              quality.summary.arms().get(arm),
              frontier.place(i)));
    }
    return points;
  }

  private static ImmutableDoubleArray seconds(Speed speed, int length, NamedArm arm) {
    ImmutableDoubleArray.Builder seconds = ImmutableDoubleArray.builder();
    speed.trials.stream()
        .filter(trial -> trial.phase() == TtftTrial.Phase.MEASURED)
        .filter(trial -> trial.length() == length && trial.valid())
        .forEach(
            trial ->
                seconds.add(
                    trial.run(arm.name()).result().orElseThrow().clientTtftNanos()
                        / NANOS_PER_SECOND));
    return seconds.build();
  }

  private static ImmutableDoubleArray scores(Quality quality, NamedArm arm) {
    ImmutableDoubleArray.Builder scores = ImmutableDoubleArray.builder();
    quality.samples.stream()
        .filter(SampleResult::valid)
        .forEach(
            sample -> scores.add(sample.answer(arm.name()).scores().get(quality.plan.metric())));
    return scores.build();
  }
}
