package ai.cacheblend.orchestrator.page.chart;

import ai.cacheblend.orchestrator.records.ScoreDifference;
import ai.cacheblend.orchestrator.records.SpeedUpStatistics;
import java.util.Optional;

/**
 * Speed and quality of one arm against full prefill.
 *
 * @param speedUp empty for full prefill
 * @param difference arm minus full prefill; empty for full prefill
 * @param bound most that the speed-up can be by arithmetic; empty if it is not known
 */
public record TradeOffPoint(
    String arm,
    Optional<SpeedUpStatistics> speedUp,
    Optional<ScoreDifference> difference,
    Optional<Double> bound) {

  double x() {
    return speedUp.map(SpeedUpStatistics::geometricMean).orElse(1.0);
  }

  double y() {
    return difference.map(ScoreDifference::mean).orElse(0.0);
  }
}
