package ai.cacheblend.orchestrator.client;

import com.google.common.collect.Streams;
import com.google.common.primitives.ImmutableLongArray;
import java.util.stream.LongStream;

/**
 * Steps of the model on a worker, by their size.
 *
 * @param rows rows in layer 0, summed over steps
 * @param sequences sequences, summed over steps
 * @param bySequences element i: steps of 2^i to 2^(i+1) − 1 sequences
 * @param byRows element i: steps of 2^i to 2^(i+1) − 1 rows
 */
public record StepCounts(
    long steps,
    long rows,
    long sequences,
    ImmutableLongArray bySequences,
    ImmutableLongArray byRows) {
  public static final StepCounts NONE =
      new StepCounts(0, 0, 0, ImmutableLongArray.of(), ImmutableLongArray.of());

  /**
   * The steps after an earlier count of the same workers; {@link #NONE} if one of them was lost, or
   * has started again.
   */
  public StepCounts since(StepCounts earlier) {
    StepCounts since = added(earlier, -1);
    return since.anyNegative() ? NONE : since;
  }

  private boolean anyNegative() {
    return steps < 0
        || rows < 0
        || sequences < 0
        || Streams.concat(bySequences.stream(), byRows.stream()).anyMatch(count -> count < 0);
  }

  /** Of this worker and another one. */
  public StepCounts plus(StepCounts other) {
    return added(other, 1);
  }

  private StepCounts added(StepCounts other, int sign) {
    return new StepCounts(
        steps + sign * other.steps,
        rows + sign * other.rows,
        sequences + sign * other.sequences,
        added(bySequences, other.bySequences, sign),
        added(byRows, other.byRows, sign));
  }

  /** Without zeros at the end. */
  private static ImmutableLongArray added(
      ImmutableLongArray counts, ImmutableLongArray others, int sign) {
    int length = Math.max(counts.length(), others.length());
    long[] sums =
        Streams.zip(
                padded(counts, length).boxed(),
                padded(others, length).boxed(),
                (count, other) -> count + sign * other)
            .mapToLong(sum -> sum)
            .toArray();
    int used = length;
    while (used > 0 && sums[used - 1] == 0) {
      used--;
    }
    return ImmutableLongArray.copyOf(LongStream.of(sums).limit(used));
  }

  private static LongStream padded(ImmutableLongArray counts, int length) {
    return LongStream.concat(counts.stream(), LongStream.generate(() -> 0)).limit(length);
  }
}
