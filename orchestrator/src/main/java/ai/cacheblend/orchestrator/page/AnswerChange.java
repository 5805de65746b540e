package ai.cacheblend.orchestrator.page;

import ai.cacheblend.orchestrator.records.ArmRun;
import ai.cacheblend.orchestrator.records.QualityResult;
import ai.cacheblend.orchestrator.records.Sample;
import com.google.common.primitives.ImmutableIntArray;
import java.util.Comparator;
import java.util.List;

/**
 * A sample whose answer differs from full prefill's.
 *
 * @param firstToken index of the first token that differs
 */
record AnswerChange(
    Sample sample, ArmRun full, ArmRun arm, double fullScore, double armScore, int firstToken) {

  double difference() {
    return armScore - fullScore;
  }

  /** Changed answers of an arm, largest loss first. */
  static List<AnswerChange> of(QualityResult run, String baseline, String arm) {
    return run.samples().stream()
        .filter(Sample::valid)
        .map(sample -> of(sample, run.metric(), baseline, arm))
        .filter(change -> change.firstToken >= 0)
        .sorted(
            Comparator.comparingDouble(AnswerChange::difference)
                .thenComparing(change -> change.sample.index()))
        .toList();
  }

  private static AnswerChange of(Sample sample, String metric, String baseline, String arm) {
    ArmRun full = sample.armRun(baseline);
    ArmRun other = sample.armRun(arm);
    return new AnswerChange(
        sample,
        full,
        other,
        full.score(metric),
        other.score(metric),
        firstDifference(full.tokenIds(), other.tokenIds()));
  }

  /** Index of the first token that differs; -1 if there is none. */
  static int firstDifference(ImmutableIntArray a, ImmutableIntArray b) {
    int common = Math.min(a.length(), b.length());
    for (int i = 0; i < common; i++) {
      if (a.get(i) != b.get(i)) {
        return i;
      }
    }
    return a.length() == b.length() ? -1 : common;
  }
}
