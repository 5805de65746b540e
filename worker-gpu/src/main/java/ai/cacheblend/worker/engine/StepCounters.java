package ai.cacheblend.worker.engine;

import com.google.common.math.LongMath;
import com.google.common.primitives.ImmutableLongArray;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.math.RoundingMode;
import java.util.Arrays;

/** Counts steps by their size. Thread-safe. */
final class StepCounters {
  @GuardedBy("this")
  private long rowCount;

  @GuardedBy("this")
  private long sequenceCount;

  @GuardedBy("this")
  private long[] bySequences = {};

  @GuardedBy("this")
  private long[] byRows = {};

  /** Both are 1 or more. */
  synchronized void add(long sequences, long rows) {
    sequenceCount += sequences;
    rowCount += rows;
    bySequences = counted(bySequences, sequences);
    byRows = counted(byRows, rows);
  }

  private static long[] counted(long[] counts, long size) {
    int index = LongMath.log2(size, RoundingMode.FLOOR);
    long[] longer = index < counts.length ? counts : Arrays.copyOf(counts, index + 1);
    longer[index]++;
    return longer;
  }

  synchronized StepStatistics read() {
    return new StepStatistics(
        Arrays.stream(byRows).sum(),
        rowCount,
        sequenceCount,
        ImmutableLongArray.copyOf(bySequences),
        ImmutableLongArray.copyOf(byRows));
  }
}
