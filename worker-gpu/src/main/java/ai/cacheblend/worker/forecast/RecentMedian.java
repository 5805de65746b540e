package ai.cacheblend.worker.forecast;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.OptionalDouble;

/** The median of the latest values; the lower one of two. Not thread-safe. */
final class RecentMedian {
  private final int capacity;
  private final Deque<Double> values = new ArrayDeque<>();
  private OptionalDouble median = OptionalDouble.empty();

  RecentMedian(int capacity) {
    this.capacity = capacity;
  }

  void add(double value) {
    values.addLast(value);
    if (values.size() > capacity) {
      values.removeFirst();
    }
    List<Double> sorted = values.stream().sorted().toList();
    median = OptionalDouble.of(sorted.get((sorted.size() - 1) / 2));
  }

  /** Empty without values. */
  OptionalDouble value() {
    return median;
  }
}
