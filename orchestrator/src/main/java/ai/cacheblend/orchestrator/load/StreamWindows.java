package ai.cacheblend.orchestrator.load;

import ai.cacheblend.metrics.Interval;
import ai.cacheblend.metrics.MeanDifference;
import ai.cacheblend.orchestrator.records.LoadRequest;
import ai.cacheblend.orchestrator.records.LoadStream;
import com.google.common.collect.Iterables;
import com.google.common.collect.Lists;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Hit rate and speed-up of an arm over the course of a stream. */
final class StreamWindows {
  private static final int MAX_WINDOWS = 10;
  private static final int MIN_REQUESTS = 6;

  /** Windows of the early and of the late part. */
  private static final int PART = 3;

  /** Neighbouring requests depend on each other, so their mean is one value. */
  private static final int BATCHES_PER_WINDOW = 3;

  private StreamWindows() {}

  /**
   * The course of the measured requests.
   *
   * @param baseline requests of full prefill, the same prompts by index; empty for full prefill
   */
  static LoadStream of(
      List<LoadRequest> measured, Optional<List<LoadRequest>> baseline, boolean prefixCaching) {
    Map<Integer, LoadRequest> byIndex =
        baseline.orElse(List.of()).stream()
            .filter(LoadRequest::ok)
            .collect(Collectors.toMap(LoadRequest::index, Function.identity()));
    List<List<LoadRequest>> windows = windows(measured);
    List<LoadStream.Window> course = new ArrayList<>();
    for (List<LoadRequest> window : windows) {
      double[] logs = logSpeedUps(window, byIndex);
      course.add(
          new LoadStream.Window(
              window.get(0).index(),
              window.size(),
              LoadAnalysis.hitRate(window, prefixCaching),
              window.stream()
                  .filter(LoadRequest::ok)
                  .mapToDouble(LoadRequest::ttftSeconds)
                  .average()
                  .orElse(Double.NaN),
              logs.length == 0 ? Optional.empty() : Optional.of(Math.exp(mean(logs)))));
    }
    return new LoadStream(
        course,
        baseline.isPresent() && windows.size() > 2 * PART
            ? change(windows, byIndex, prefixCaching)
            : Optional.empty());
  }

  /** Windows of equal size; the last one may be longer. */
  private static List<List<LoadRequest>> windows(List<LoadRequest> requests) {
    int count = Math.max(1, Math.min(MAX_WINDOWS, requests.size() / MIN_REQUESTS));
    List<List<LoadRequest>> windows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      windows.add(
          requests.subList(
              (int) ((long) requests.size() * i / count),
              (int) ((long) requests.size() * (i + 1) / count)));
    }
    return windows;
  }

  private static Optional<LoadStream.Change> change(
      List<List<LoadRequest>> windows, Map<Integer, LoadRequest> byIndex, boolean prefixCaching) {
    List<List<LoadRequest>> first = windows.subList(1, 1 + PART);
    List<List<LoadRequest>> last = windows.subList(windows.size() - PART, windows.size());
    double[] early = batchMeans(first, byIndex);
    double[] late = batchMeans(last, byIndex);
    if (early.length < 2 || late.length < 2) {
      return Optional.empty();
    }
    MeanDifference log = MeanDifference.welch(early, late);
    Optional<Double> lateRate = hitRate(last, prefixCaching);
    return Optional.of(
        new LoadStream.Change(
            hitRate(first, prefixCaching)
                .flatMap(rate -> lateRate.map(after -> new LoadStream.HitRates(rate, after))),
            Math.exp(mean(early)),
            Math.exp(mean(late)),
            Math.exp(log.difference()),
            new Interval(Math.exp(log.low95()), Math.exp(log.high95()))));
  }

  private static Optional<Double> hitRate(List<List<LoadRequest>> windows, boolean prefixCaching) {
    return LoadAnalysis.hitRate(Lists.newArrayList(Iterables.concat(windows)), prefixCaching);
  }

  private static double[] batchMeans(
      List<List<LoadRequest>> windows, Map<Integer, LoadRequest> byIndex) {
    return windows.stream()
        .flatMap(
            window ->
                Lists.partition(
                    window, (window.size() + BATCHES_PER_WINDOW - 1) / BATCHES_PER_WINDOW)
                    .stream())
        .map(batch -> logSpeedUps(batch, byIndex))
        .filter(logs -> logs.length > 0)
        .mapToDouble(StreamWindows::mean)
        .toArray();
  }

  /** Of the requests that both arms answered. */
  private static double[] logSpeedUps(
      List<LoadRequest> requests, Map<Integer, LoadRequest> byIndex) {
    return requests.stream()
        .filter(request -> request.ok() && byIndex.containsKey(request.index()))
        .mapToDouble(
            request -> Math.log(byIndex.get(request.index()).ttftSeconds() / request.ttftSeconds()))
        .toArray();
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum / values.length;
  }
}
