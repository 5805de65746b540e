package ai.cacheblend.orchestrator.page;

import ai.cacheblend.orchestrator.records.Measure;
import ai.cacheblend.orchestrator.records.QualityResult;
import ai.cacheblend.orchestrator.records.Sample;
import ai.cacheblend.orchestrator.records.SpeedUpStatistics;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Speed of an arm on the prompts of a quality run, paired by sample.
 *
 * @param fullSeconds mean client TTFT of full prefill
 * @param armSeconds mean client TTFT of the arm
 */
record SampleSpeeds(double fullSeconds, double armSeconds, SpeedUpStatistics speedUp) {

  /**
   * Empty without full prefill, without a valid sample, and for arms that the run does not have.
   */
  static Optional<SampleSpeeds> of(QualityResult run, String arm) {
    List<Sample> valid = run.samples().stream().filter(Sample::valid).toList();
    return run.header()
        .baseline()
        .filter(baseline -> !baseline.name().equals(arm))
        .filter(baseline -> !valid.isEmpty() && run.arms().containsKey(arm))
        .map(
            baseline -> {
              double[] full = seconds(valid, baseline.name());
              double[] armTimes = seconds(valid, arm);
              return new SampleSpeeds(
                  mean(full), mean(armTimes), SpeedUpStatistics.of(full, armTimes));
            });
  }

  private static double[] seconds(List<Sample> samples, String arm) {
    return samples.stream()
        .mapToDouble(s -> s.armRun(arm).seconds(Measure.CLIENT_TTFT).orElseThrow())
        .toArray();
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }
}
