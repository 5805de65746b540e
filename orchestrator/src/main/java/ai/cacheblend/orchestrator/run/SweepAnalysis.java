package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.plan.TtftPlan;
import ai.cacheblend.orchestrator.records.Measure;
import ai.cacheblend.orchestrator.records.QualitySummary;
import ai.cacheblend.orchestrator.records.Sample;
import ai.cacheblend.orchestrator.records.SweepSummary;
import ai.cacheblend.orchestrator.records.Trial;
import ai.cacheblend.orchestrator.records.TtftSummary;
import com.google.common.primitives.ImmutableDoubleArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Combines the parts of a sweep: speed, quality and frontier of every arm. */
public final class SweepAnalysis {

  /** TTFT measurements with one chunk size, with the chunks in one place. */
  public record Speed(TtftPlan plan, List<Trial> trials, TtftSummary summary) {
    boolean onDevice() {
      return plan.source().isEmpty();
    }

    TtftSummary.Row row(int length) {
      return summary.rows().stream().filter(r -> r.length() == length).findFirst().orElseThrow();
    }

    /** The valid measured trials of a length. */
    List<Trial> valid(int length) {
      return trials.stream()
          .filter(trial -> trial.measured() && trial.length() == length && trial.valid())
          .toList();
    }
  }

  /** Quality measurements on one data set with one chunk size. */
  public record Quality(QualityPlan plan, List<Sample> samples, QualitySummary summary) {}

  private SweepAnalysis() {}

  /**
   * Points by data set, chunk size, length and arm, in the orders of the plans. Speed and quality
   * are combined of chunks on the device; other tiers have {@link TierPoints}.
   */
  public static SweepSummary summary(List<Speed> speeds, List<Quality> qualities, int bosCount) {
    List<SweepSummary.Point> points = new ArrayList<>();
    boolean complete =
        speeds.stream().flatMap(s -> s.summary.rows().stream()).allMatch(row -> row.n() > 0)
            && qualities.stream().allMatch(quality -> quality.summary.n() > 0);
    List<Quality> onDevice = qualities.stream().filter(q -> q.plan.tier().isEmpty()).toList();
    for (Quality quality : onDevice) {
      for (Speed speed : ofSize(speeds, quality.plan.chunkTokens())) {
        for (TtftSummary.Row row : speed.summary.rows()) {
          if (row.n() > 0 && quality.summary.n() > 0) {
            points.addAll(points(speed, quality, row, bosCount));
          }
        }
      }
    }
    List<Quality> measured = onDevice.stream().filter(q -> q.summary.n() > 0).toList();
    return new SweepSummary(
        points,
        TierPoints.of(speeds, bosCount),
        SelectorRankings.of(measured),
        measured.isEmpty() ? Optional.empty() : SweepAdvice.of(measured.get(0).plan.arms(), points),
        complete);
  }

  private static List<Speed> ofSize(List<Speed> speeds, OptionalInt chunkTokens) {
    return speeds.stream()
        .filter(Speed::onDevice)
        .filter(
            speed -> chunkTokens.isEmpty() || chunkTokens.getAsInt() == speed.plan.chunkTokens())
        .toList();
  }

  private static List<SweepSummary.Point> points(
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
    SweepSummary.Shape shape = shape(speed.plan, row.length(), bosCount);
    List<SweepSummary.Point> points = new ArrayList<>();
    for (int i = 0; i < arms.size(); i++) {
      TtftSummary.Arm time = row.arms().get(arms.get(i).name());
      QualitySummary.Arm score = quality.summary.arms().get(arms.get(i).name());
      Frontier.Place place = frontier.place(i);
      points.add(
          new SweepSummary.Point(
              arms.get(i).name(),
              shape,
              quality.plan.dataset(),
              quality.plan.metric(),
              score.chargedBudget(),
              time.chargedBudget(),
              time.clientTtft(),
              time.speedUp(),
              score.scores().get(quality.plan.metric()),
              score.armMinusFullPrefill(),
              score.retention(),
              place.onFrontier(),
              place.resolved()));
    }
    return points;
  }

  static SweepSummary.Shape shape(TtftPlan plan, int length, int bosCount) {
    int cached = length - bosCount - plan.suffix().tokenCount(length);
    int chunkCount = (cached + plan.chunkTokens() - 1) / plan.chunkTokens();
    return new SweepSummary.Shape(plan.chunkTokens(), chunkCount, length);
  }

  private static ImmutableDoubleArray seconds(Speed speed, int length, NamedArm arm) {
    return ImmutableDoubleArray.copyOf(
        TtftAnalysis.seconds(speed.valid(length), arm, Measure.CLIENT_TTFT));
  }

  private static ImmutableDoubleArray scores(Quality quality, NamedArm arm) {
    List<Sample> valid = quality.samples.stream().filter(Sample::valid).toList();
    return ImmutableDoubleArray.copyOf(QualityAnalysis.scores(valid, arm, quality.plan.metric()));
  }
}
