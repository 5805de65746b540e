package ai.cacheblend.orchestrator.page.chart;

import ai.cacheblend.orchestrator.records.ScoreDifference;
import ai.cacheblend.orchestrator.records.SpeedUpStatistics;
import java.util.Optional;

/**
 * Speed-up and quality of one arm relative to full prefill.
 *
 * @param speedUp empty for full prefill
 * @param difference arm minus full prefill; empty for full prefill
 * @param bound arithmetic bound of the speed-up; empty if unknown
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
